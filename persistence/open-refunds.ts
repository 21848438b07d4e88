// Money that is on its way back to a customer and has not arrived: due, asked for, or given up after three refusals.
import { MOST_ATTEMPTS, retryAfterMs } from '../actors/domain/attempts';
import type { Instant, Kind } from '../actors/domain/envelope';
import type { GroupName } from '../actors/domain/events';
import { plusMs } from '../actors/domain/instant';
import type { Page, Row } from '../actors/domain/operations';
import { rowOf } from './row-names';
import type { Queryable, Statement } from './session';
import { isoUtc } from './stores/iso-utc';

const GROUP: GroupName = 'pay_payTopic_refund_group';

/** Payments and the inbox of their refunds share a database; each refund looks for its own row there. */
const OPEN: Statement = {
  name: 'open-refunds',
  text: `select transaction_id, provider, pay_id, amount, state, reason, create_time,
      coalesce(consumer_times, 0) as attempts, nullif(remark, '') as remark, consumer_status,
      ${isoUtc('consumer_timestamp', 'last_attempt_time')}
    from trade_pay_transaction
    left join lateral (
      select consumer_times, remark, consumer_status, consumer_timestamp from trade_mq_consumer_log
      where group_name = '${GROUP}' and msg_tag = 'pay_refund' and msg_key = transaction_id limit 1) log on true
    where state not in ('booked', 'refunded') and ($2::text is null or transaction_id > $2)
    order by transaction_id limit $1`,
};

const COUNT: Statement = {
  name: 'open-refunds-count',
  text: `select state, count(*)::int as count from trade_pay_transaction where state not in ('booked', 'refunded')
    group by state`,
};

/** How many transactions are to be refunded, by their state. */
export async function countOpenRefunds(payments: Queryable): Promise<ReadonlyMap<string, number>> {
  const rows = await payments.query<{ state: string; count: number }>(COUNT, []);
  return new Map(rows.map(({ state, count }) => [state, count]));
}

export async function listOpenRefunds(
  readers: Readonly<Record<Kind, Queryable>>,
  { limit, after }: Page,
): Promise<readonly Row[]> {
  const rows = await readers.payment.query<object>(OPEN, [limit, after ?? null]);
  return rows.map(rowOf).map(({ consumerStatus, ...refund }) => {
    const attempts = Number(refund['attempts']);
    if (consumerStatus !== 2 || attempts >= MOST_ATTEMPTS) return refund;
    return { ...refund, nextTime: plusMs(refund['lastAttemptTime'] as Instant, retryAfterMs(attempts)) };
  });
}
