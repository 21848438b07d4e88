// What each order holds of stock, money and coupons is what its row says, and nothing else is held.
import { ZERO } from '../../../../actors/domain/money';
import { PayStatus } from '../../../../actors/domain/order-state';
import { LogType, type OrderRow } from '../rows';
import { keyOf, type ShopTables } from '../tables';
import type { Rules } from './rule';
import { isConfirmed, isEnded } from './stage';

interface Line {
  readonly order: OrderRow;
  readonly key: string;
  readonly quantity: number;
  readonly taken: number;
  readonly isGivenBack: boolean;
}

const lineKey = (row: { order_id: string; goods_id: string }): string => `${row.order_id}:${row.goods_id}`;

/** The lines of all orders, with what the ledger says of each. */
function linesOf({ orders, lines, goodsLog }: ShopTables): readonly Line[] {
  const several = new Set([...lines].map((line) => line.order_id));
  const single = orders.where((order) => !several.has(order.order_id));
  return [...lines, ...single].flatMap((line) => {
    const order = orders.get(line.order_id);
    const logged = (type: number) => goodsLog.get(keyOf(line.order_id, line.goods_id, type));
    const [taken, back] = [logged(LogType.take), logged(LogType.giveBack)];
    const said = { taken: 0 - (taken?.goods_number ?? 0), isGivenBack: back !== undefined };
    return order ? [{ order, key: lineKey(line), quantity: line.goods_number, ...said }] : [];
  });
}

const ordersWhere = ({ orders }: ShopTables, isBroken: (order: OrderRow) => boolean): readonly string[] =>
  orders.where(isBroken).map((order) => order.order_id);

/** What the ledger says of an order's wallet money. */
function moneyOf({ moneyLog }: ShopTables, { user_id: user, order_id: order }: OrderRow) {
  const taken = moneyLog.get(keyOf(user, order, LogType.take))?.use_money ?? ZERO;
  return { taken, isGivenBack: moneyLog.has(keyOf(user, order, LogType.giveBack)) };
}

/** The use of an order's coupon, unless it was given back. */
function standingUse({ couponLog }: ShopTables, { coupon_id: coupon, order_id: order }: OrderRow) {
  if (coupon === null || couponLog.has(keyOf(coupon, order, LogType.giveBack))) return undefined;
  return couponLog.get(keyOf(coupon, order, LogType.take));
}

/** Without openings and recharges. */
const isOfOrder = (type: number): boolean => type !== LogType.opening;

export const HOLDING_RULES = {
  'a confirmed order holds its stock': (tables) =>
    linesOf(tables)
      .filter(({ order, taken, quantity, isGivenBack }) => {
        return isConfirmed(order) && (taken !== quantity || isGivenBack);
      })
      .map(({ key }) => key),
  'an ended order holds no stock': (tables) =>
    linesOf(tables)
      .filter(({ order, taken, isGivenBack }) => isEnded(order) && taken !== 0 && !isGivenBack)
      .map(({ key }) => key),
  'stock ledger rows belong to order lines': (tables) => {
    const lines = new Set(linesOf(tables).map(({ key }) => key));
    const strays = tables.goodsLog.where((row) => isOfOrder(row.log_type) && !lines.has(lineKey(row)));
    return [...new Set(strays.map(lineKey))];
  },
  'a confirmed order has taken its wallet money': (tables) =>
    ordersWhere(tables, (order) => {
      const { taken, isGivenBack } = moneyOf(tables, order);
      return isConfirmed(order) && (taken !== order.money_paid || isGivenBack);
    }),
  'an ended order holds no wallet money': (tables) =>
    ordersWhere(tables, (order) => {
      const { taken, isGivenBack } = moneyOf(tables, order);
      return isEnded(order) && taken !== ZERO && !isGivenBack;
    }),
  'money ledger rows belong to orders': ({ orders, moneyLog }) => {
    const strays = moneyLog.where(
      (row) => isOfOrder(row.money_log_type) && orders.get(row.order_id)?.user_id !== row.user_id,
    );
    return [...new Set(strays.map((row) => `${row.user_id}:${row.order_id}`))];
  },
  'a confirmed order has used its coupon': (tables) =>
    ordersWhere(tables, (order) => {
      if (!isConfirmed(order)) return false;
      if (order.coupon_id === null) return order.coupon_paid !== ZERO;
      const isOwn = tables.coupons.get(order.coupon_id)?.user_id === order.user_id;
      return !isOwn || standingUse(tables, order)?.coupon_price !== order.coupon_paid;
    }),
  'an ended order holds no coupon': (tables) =>
    ordersWhere(tables, (order) => isEnded(order) && standingUse(tables, order) !== undefined),
  'coupon ledger rows belong to orders': ({ orders, couponLog }) => {
    const strays = couponLog.where((row) => orders.get(row.order_id)?.coupon_id !== row.coupon_id);
    return [...new Set(strays.map((row) => `${row.coupon_id}:${row.order_id}`))];
  },
  'a paid order has its paid payment': (tables) =>
    ordersWhere(tables, (order) => {
      if (order.pay_status !== PayStatus.paid || order.pay_amount === ZERO) return false;
      const payment = tables.payments.get(order.pay_id ?? '');
      return (
        payment?.is_paid !== 2 ||
        payment.order_id !== order.order_id ||
        payment.pay_amount !== order.pay_amount
      );
    }),
} as const satisfies Rules;
