// What an order's own row must say.
import { add, isNegative, subtract, times, ZERO } from '../../../../actors/domain/money';
import { shippingOf } from '../../../../actors/domain/order-rules';
import { Compensation, OrderStatus, PayStatus } from '../../../../actors/domain/order-state';
import type { OrderRow } from '../rows';
import type { ShopTables } from '../tables';
import type { Rules } from './rule';

const where = ({ orders }: ShopTables, isBroken: (order: OrderRow) => boolean): readonly string[] =>
  orders.where(isBroken).map((order) => order.order_id);

const isOneOf = (order: OrderRow, ...statuses: readonly OrderStatus[]): boolean =>
  statuses.includes(order.order_status);

const { unconfirmed, confirmed, cancelled, invalid, refunded } = OrderStatus;

export const ORDER_ROW_RULES = {
  'no order is half-way': (tables) => where(tables, (order) => isOneOf(order, unconfirmed)),
  'no compensation is half-way': (tables) =>
    where(
      tables,
      (order) =>
        isOneOf(order, cancelled, invalid, refunded) && order.compensation_status !== Compensation.done,
    ),
  'order amounts are goods plus shipping': (tables) =>
    where(tables, (order) => {
      const lines = tables.lines.where((line) => line.order_id === order.order_id);
      const goods = add(
        ...(lines.length > 0 ? lines : [order]).map((line) => times(line.goods_price, line.goods_number)),
      );
      return (
        order.order_amount !== add(order.goods_amount, order.shipping_fee) ||
        order.goods_amount !== goods ||
        order.shipping_fee !== shippingOf(order.goods_amount)
      );
    }),
  'pay amounts are what is left to pay': (tables) =>
    where(tables, (order) => {
      const left = subtract(order.order_amount, add(order.coupon_paid, order.money_paid));
      return (
        isNegative(order.pay_amount) || (isOneOf(order, confirmed, refunded) && order.pay_amount !== left)
      );
    }),
  'only confirmed and refunded orders are paid': (tables) =>
    where(tables, (order) => {
      const isPaid = order.pay_status === PayStatus.paid;
      const isPaying = order.pay_status === PayStatus.paying;
      return (
        (isPaid && !isOneOf(order, confirmed, refunded)) ||
        (isOneOf(order, refunded) && !isPaid) ||
        (isPaying && (order.pay_id === null || !isOneOf(order, confirmed))) ||
        (isOneOf(order, confirmed) && order.pay_amount === ZERO && !isPaid)
      );
    }),
} as const satisfies Rules;
