// Finds the orders that time is up for, by partial indexes that hold only those half-way or unpaid.
import type { OrderId, PayId } from '../actors/domain/ids';
import type { OrderIndex } from '../actors/domain/ports';
import type { Queryable, Statement } from './session';

const UNFINISHED: Statement = {
  name: 'orders-unfinished',
  text: `select order_id from trade_order
    where order_status = 0 and (next_attempt_time is null or next_attempt_time <= $1)
    order by next_attempt_time nulls first limit $2`,
};

const EXPIRED: Statement = {
  name: 'orders-expired',
  text: `select order_id, case when pay_status = 1 then pay_id end as pay_id from trade_order
    where order_status = 1 and pay_status < 2 and expire_time <= $1 order by expire_time limit $2`,
};

export function createOrderIndex(reader: Queryable): OrderIndex {
  return {
    async unfinished(before, limit) {
      const rows = await reader.query<{ order_id: OrderId }>(UNFINISHED, [before, limit]);
      return rows.map((row) => row.order_id);
    },
    async expired(now, limit) {
      const rows = await reader.query<{ order_id: OrderId; pay_id: PayId | null }>(EXPIRED, [now, limit]);
      return rows.map((row) => ({ orderId: row.order_id, payId: row.pay_id ?? undefined }));
    },
  };
}
