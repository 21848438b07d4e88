// The statements of persistence/order-index.ts.
import type { Instant } from '../../../../actors/domain/envelope';
import { arrayOf, batch, int, text } from '../batch';
import type { OrderRow } from '../rows';
import type { ShopTables } from '../tables';
import type { Statements } from './statement';

const DUE = batch({ shard: int, due: text });

/** Those with ids after this one, by id. */
const page = (orders: readonly OrderRow[], after: unknown, limit: unknown): readonly OrderRow[] =>
  orders
    .filter((order) => BigInt(order.order_id) > BigInt(after as string))
    .sort(byId)
    .slice(0, limit as number);

const byId = (left: OrderRow, right: OrderRow): number =>
  BigInt(left.order_id) < BigInt(right.order_id) ? -1 : 1;

function unfinished({ orders }: ShopTables, values: readonly unknown[]): readonly object[] {
  const due = new Map(DUE.rows(values, 1).map((row) => [row.shard, row.due]));
  const [after, limit] = values.slice(DUE.width);
  const isDue = (order: OrderRow): boolean => {
    const moment = due.get(order.shard);
    if (moment === undefined || order.order_status !== 0) return false;
    return order.next_attempt_time === null || order.next_attempt_time <= moment;
  };
  return page(orders.where(isDue), after, limit).map(({ order_id, attempts }) => ({
    orderId: order_id,
    attempts,
  }));
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
    wanted.has(order.shard);
  return page(orders.where(isExpired), after, limit).map((order) => ({
    order_id: order.order_id,
    pay_id: order.pay_status === 1 ? order.pay_id : null,
  }));
}

function failedCompensations(tables: ShopTables, [after, limit]: readonly unknown[]): readonly object[] {
  const { orders, lines } = tables;
  const byGoods = (left: { goods_id: string }, right: { goods_id: string }): number =>
    BigInt(left.goods_id) < BigInt(right.goods_id) ? -1 : 1;
  const failed = orders.where((order) => order.compensation_status === 3);
  return page(failed, after, limit).map((order) => {
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
