// Orders that do not get on by themselves, or not yet, with everything that a person wants to know of each: how often
// it was tried, when it is tried next, why it is where it is, and which groups gave up or are still at it.
import { MOST_ATTEMPTS, retryAfterMs } from '../actors/domain/attempts';
import { codeOfNumber } from '../actors/domain/codes';
import type { Instant, Kind } from '../actors/domain/envelope';
import { plusMs } from '../actors/domain/instant';
import type { GroupAtWork, Row, StuckOrder, StuckQuery } from '../actors/domain/operations';
import { Compensation, OrderStatus } from '../actors/domain/order-state';
import { rowOf } from './row-names';
import type { Queryable, Statement } from './session';
import { isoUtc } from './stores/iso-utc';

/** What is this long overdue is stuck; a node takes it up much earlier. */
const OVERDUE_MS = 60_000;

const { unconfirmed, confirmed } = OrderStatus;
const { running, failed } = Compensation;

/**
 * Each branch has an index of its own, which holds only what is not at its end. All that are stuck are read before they are
 * sorted: for a page in the order of the ids all orders would be gone through.
 */
const IS_STUCK = `(
  order_status = ${unconfirmed} and coalesce(next_attempt_time, add_time) < $1::timestamptz
  or order_status = ${confirmed} and pay_status < 2 and expire_time < $1::timestamptz
  or compensation_status in (${running}, ${failed}))`;

const STUCK: Statement = {
  name: 'stuck-orders',
  text: `with stuck as materialized (
      select order_id, user_id, order_status, pay_status, compensation_status, fail_code, attempts, next_attempt_time,
        expire_time, add_time, pay_id
      from trade_order where ${IS_STUCK} and ($3::smallint is null or compensation_status = $3))
    select * from stuck where ($4::bigint is null or order_id > $4) order by order_id limit $2`,
};

/** Few rows are not done, so they are all looked at: the goods group's keys only begin with the order's id. */
const GROUPS_AT_WORK: Statement = {
  name: 'stuck-groups',
  text: `select group_name as "group", msg_key as key, consumer_times as attempts, consumer_status = 2 as failed, remark,
      ${isoUtc('consumer_timestamp', 'time')}
    from trade_mq_consumer_log
    where consumer_status <> 1 and msg_tag = 'order_cancel' and split_part(msg_key, ':', 1) = any($1::text[])
    order by group_name, msg_key`,
};

const COUNT: Statement = {
  name: 'stuck-count',
  text: `select count(*) filter (where compensation_status = ${running})::int as running,
      count(*) filter (where compensation_status = ${failed})::int as failed,
      count(*) filter (where order_status = ${unconfirmed})::int as placing,
      count(*) filter (where order_status = ${confirmed})::int as unpaid
    from trade_order where ${IS_STUCK}`,
};

export interface StuckCounts {
  readonly running: number;
  readonly failed: number;
  readonly placing: number;
  readonly unpaid: number;
}

const before = (now: Instant): Instant => plusMs(now, -OVERDUE_MS);

/** How many orders are stuck, by the state that they are stuck in. */
export async function countStuck(orders: Queryable, now: Instant): Promise<StuckCounts> {
  const [counts] = await orders.query<StuckCounts>(COUNT, [before(now)]);
  return counts ?? { running: 0, failed: 0, placing: 0, unpaid: 0 };
}

/** @param readers the same object for kinds that share a database */
export async function listStuck(
  readers: Readonly<Record<Kind, Queryable>>,
  { limit, after, compensation }: StuckQuery,
  now: Instant,
): Promise<readonly StuckOrder[]> {
  const status = compensation === undefined ? null : Compensation[compensation];
  const found = await readers.order.query<object>(STUCK, [before(now), limit, status, after ?? null]);
  const orders = found.map(rowOf);
  const ids = orders.map(idOf);
  const databases = ids.length === 0 ? [] : [...new Set(Object.values(readers))];
  const groups = (
    await Promise.all(databases.map((reader) => reader.query<GroupRow>(GROUPS_AT_WORK, [ids])))
  ).flat();
  return orders.map((order) => {
    const own = groups.filter(({ key }) => key.split(':')[0] === idOf(order));
    return {
      ...order,
      state: stateOf(order),
      ...(typeof order['failCode'] === 'number' ? { why: codeOfNumber(order['failCode']) } : {}),
      gaveUp: own.filter(hasGivenUp).map(({ failed: _, ...group }) => group),
      retrying: own.filter((group) => !hasGivenUp(group)).map(withNextTime),
    };
  });
}

type GroupRow = Omit<GroupAtWork, 'nextTime'> & { readonly failed: boolean };

const idOf = (order: Row): string => String(order['orderId']);

const hasGivenUp = ({ failed: hasFailed, attempts }: GroupRow): boolean =>
  hasFailed && attempts >= MOST_ATTEMPTS;

const withNextTime = ({ failed: hasFailed, ...group }: GroupRow): GroupAtWork => ({
  ...group,
  ...(hasFailed ? { nextTime: plusMs(group.time, retryAfterMs(group.attempts)) } : {}),
});

function stateOf(order: Row): StuckOrder['state'] {
  if (order['compensationStatus'] === failed) return 'compensation failed';
  if (order['compensationStatus'] === running) return 'compensation running';
  return order['orderStatus'] === unconfirmed ? 'placing overdue' : 'expiry overdue';
}
