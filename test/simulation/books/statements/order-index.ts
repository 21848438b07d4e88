// The statements of persistence/order-index.ts.
import type { Instant } from '../../../../actors/domain/envelope';
import { arrayOf, batch, int, text } from '../batch';
import type { OrderRow } from '../rows';
import type { ShopTables } from '../tables';
import type { Statements } from './statement';

const DUE = batch({ shard: int, due: text });

/** A page of orders, the earliest first; no moment is before every other. */
function page(
  orders: readonly OrderRow[],
  momentOf: (order: OrderRow) => Instant | null,
  limit: unknown,
): readonly OrderRow[] {
  const moment = (order: OrderRow): Instant => momentOf(order) ?? '';
  const earliest = (left: OrderRow, right: OrderRow): number =>
    moment(left) < moment(right) ? -1 : moment(left) > moment(right) ? 1 : 0;
  return [...orders].sort(earliest).slice(0, limit as number);
}

function unfinished({ orders }: ShopTables, values: readonly unknown[]): readonly object[] {
  const due = new Map(DUE.rows(values, 1).map((row) => [row.shard, row.due]));
  const isDue = (order: OrderRow): boolean => {
    const moment = due.get(order.shard);
    if (moment === undefined || order.order_status !== 0) return false;
    return order.next_attempt_time === null || order.next_attempt_time <= moment;
  };
  return page(orders.where(isDue), (order) => order.next_attempt_time, values[2]);
}

function expired(
  { orders }: ShopTables,
  [shards, now, payStatus, after, limit]: readonly unknown[],
): readonly object[] {
  const wanted = new Set(arrayOf(shards).map(Number));
  const isExpired = (order: OrderRow): boolean =>
    order.order_status === 1 &&
    order.pay_status === payStatus &&
    order.expire_time !== null &&
    order.expire_time <= (now as Instant) &&
    wanted.has(order.shard) &&
    BigInt(order.order_id) > BigInt(after as string);
  return orders
    .where(isExpired)
    .sort(byId)
    .slice(0, limit as number)
    .map((order) => ({
      order_id: order.order_id,
      pay_id: order.pay_status === 1 ? order.pay_id : null,
    }));
}

const byId = (left: OrderRow, right: OrderRow): number =>
  BigInt(left.order_id) < BigInt(right.order_id) ? -1 : 1;

function failedCompensations(tables: ShopTables, [after, limit]: readonly unknown[]): readonly object[] {
  const { orders, lines } = tables;
  const isLater = ({ order_id }: OrderRow): boolean => BigInt(order_id) > BigInt(after as string);
  const byGoods = (left: { goods_id: string }, right: { goods_id: string }): number =>
    BigInt(left.goods_id) < BigInt(right.goods_id) ? -1 : 1;
  return orders
    .where((order) => order.compensation_status === 3 && isLater(order))
    .sort(byId)
    .slice(0, limit as number)
    .map((order) => {
      const own = lines.where(({ order_id }) => order_id === order.order_id).sort(byGoods);
      const goodsIds = (own.length > 0 ? own : [order]).map(({ goods_id }) => goods_id);
      return { orderId: order.order_id, goodsIds };
    });
}

export const ORDER_INDEX: Statements = {
  'orders-unfinished': unfinished,
  'orders-expired': expired,
  'orders-failed-compensations': failedCompensations,
};
