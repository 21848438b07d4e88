// Finds the orders that time is up for, or whose give-backs failed, by partial indexes that hold only such.
import type { OrderId, PayId } from '../actors/domain/ids';
import { Compensation, PayStatus } from '../actors/domain/order-state';
import type { FailedCompensation, OrderIndex, UnfinishedOrder } from '../actors/domain/ports/order-index';
import type { Queryable, Statement } from './session';

// All that are due are read first, by their index: for a page in the order of the ids all orders would be gone through.

const UNFINISHED: Statement = {
  name: 'orders-unfinished',
  text: `with due as materialized (
      select order_id, attempts from trade_order o join unnest($1::int[], $2::timestamptz[]) as d(shard, due) using (shard)
      where order_status = 0 and (next_attempt_time is null or next_attempt_time <= d.due))
    select order_id as "orderId", attempts from due where order_id > $3 order by order_id limit $4`,
};

const EXPIRED: Statement = {
  name: 'orders-expired',
  text: `with due as materialized (
      select order_id, case when pay_status = 1 then pay_id end as pay_id from trade_order
      where order_status = 1 and pay_status < 2 and pay_status = $3 and expire_time <= $2 and shard = any($1::int[]))
    select order_id, pay_id from due where order_id > $4 order by order_id limit $5`,
};

const FAILED: Statement = {
  name: 'orders-failed-compensations',
  text: `select order_id as "orderId", coalesce(
      (select array_agg(line.goods_id::text order by line.goods_id) from trade_order_goods line
        where line.order_id = trade_order.order_id), array[goods_id::text]) as "goodsIds"
    from trade_order where compensation_status = ${Compensation.failed} and order_id > $1::bigint
    order by order_id limit $2`,
};

export function createOrderIndex(reader: Queryable): OrderIndex {
  return {
    unfinished: (due, { after, limit }) =>
      reader.query<UnfinishedOrder>(UNFINISHED, [[...due.keys()], [...due.values()], after, limit]),
    async expired(shards, now, paying, { after, limit }) {
      const rows = await reader.query<{ order_id: OrderId; pay_id: PayId | null }>(EXPIRED, [
        shards,
        now,
        paying ? PayStatus.paying : PayStatus.unpaid,
        after,
        limit,
      ]);
      return rows.map((row) => ({ orderId: row.order_id, payId: row.pay_id ?? undefined }));
    },
    failedCompensations: (after, limit) => reader.query<FailedCompensation>(FAILED, [after, limit]),
  };
}
