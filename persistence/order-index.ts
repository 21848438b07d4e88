// Finds the orders that time is up for, by partial indexes that hold only those half-way or unpaid.
import type { OrderId, PayId } from '../actors/domain/ids';
import type { OrderIndex } from '../actors/domain/ports';
import type { Queryable, Statement } from './session';

const UNFINISHED: Statement = {
  name: 'orders-unfinished',
  text: `select order_id from trade_order o join unnest($1::int[], $2::timestamptz[]) as d(shard, due) using (shard)
    where order_status = 0 and (next_attempt_time is null or next_attempt_time <= d.due)
    order by next_attempt_time nulls first limit $3`,
};

const EXPIRED: Statement = {
  name: 'orders-expired',
  text: `select order_id, case when pay_status = 1 then pay_id end as pay_id from trade_order
    where order_status = 1 and pay_status < 2 and expire_time <= $2 and shard = any($1::int[])
    order by expire_time limit $3`,
};

export function createOrderIndex(reader: Queryable): OrderIndex {
  return {
    async unfinished(due, limit) {
      const rows = await reader.query<{ order_id: OrderId }>(UNFINISHED, [
        [...due.keys()],
        [...due.values()],
        limit,
      ]);
      return rows.map((row) => row.order_id);
    },
    async expired(shards, now, limit) {
      const rows = await reader.query<{ order_id: OrderId; pay_id: PayId | null }>(EXPIRED, [
        shards,
        now,
        limit,
      ]);
      return rows.map((row) => ({ orderId: row.order_id, payId: row.pay_id ?? undefined }));
    },
  };
}
