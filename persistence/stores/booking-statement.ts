// The statement that books payments with all that follows. As the one that places orders (joint-statement.ts) it is for
// the usual case, and what goes against that fails it as a whole.
import type { Order } from '../../actors/domain/order-state';
import type { Payment } from '../../actors/domain/payment';
import type { Statement } from '../session';
import { namesOf, unnest, type Column } from './batch-columns';
import { EVENT_WIDTH, eventsCte } from './event-rows';
import { inboxOfEventsCte } from './inbox-claims';
import { STORED } from './payment-columns';

/** What an entity becomes, and the version that it is believed to have. */
export interface Changed<State> {
  readonly after: State;
  readonly expectedVersion: number;
}

export const PAID: readonly Column<Changed<Payment>>[] = [
  { name: 'pay_id', type: 'bigint', value: ({ after }) => after.payId },
  { name: 'expected_version', type: 'int', value: ({ expectedVersion }) => expectedVersion },
  { name: 'version', type: 'int', value: ({ after }) => after.version },
  { name: 'pay_time', type: 'timestamptz', value: ({ after }) => after.payTime },
];

export const MARKED: readonly Column<Changed<Order>>[] = [
  { name: 'order_id', type: 'bigint', value: ({ after }) => after.orderId },
  { name: 'expected_version', type: 'int', value: ({ expectedVersion }) => expectedVersion },
  { name: 'version', type: 'int', value: ({ after }) => after.version },
  { name: 'pay_id', type: 'bigint', value: ({ after }) => after.payId },
  { name: 'pay_time', type: 'timestamptz', value: ({ after }) => after.payTime },
];

/** Numbers of the first parameter of each part; the time is between transactions and events. */
const TRANSACTIONS_FROM = 1 + PAID.length;
const NOW = TRANSACTIONS_FROM + STORED.length;
const EVENTS_FROM = NOW + 1;
const ORDERS_FROM = EVENTS_FROM + EVENT_WIDTH;
/** Users, payments and points; then payments, orders and amounts. */
const POINTS_FROM = ORDERS_FROM + MARKED.length;
const LOGS_FROM = POINTS_FROM + 3;

const AT = `$${NOW}::timestamptz`;
const USER_IDS = `$${POINTS_FROM}::bigint[]`;

/**
 * A row that is not as believed is not changed: then fewer have changed than were asked for, and the division by zero has the
 * database take everything back. So do its own rules, where a ledger or the log has the payment already.
 *
 * The parts of what is returned are told by their first column.
 */
export const BOOK_JOINTLY: Statement = {
  name: 'payment-book-joint',
  text: `
  with changed as (
    update trade_pay p set version = u.version, is_paid = 2, pay_time = u.pay_time
    from ${unnest(PAID, 1, 'u')}
    where p.pay_id = u.pay_id and p.version = u.expected_version and p.pay_id = any($1::bigint[])
    returning p.pay_id as id),
  recorded as (
    insert into trade_pay_transaction (${namesOf(STORED)})
    select ${namesOf(STORED)} from ${unnest(STORED, TRANSACTIONS_FROM, 't')} order by provider, transaction_id),
  ${eventsCte(EVENTS_FROM, NOW)},
  marked as (
    update trade_order o set version = u.version, pay_status = 2, pay_id = u.pay_id, pay_time = u.pay_time
    from ${unnest(MARKED, ORDERS_FROM, 'u')}
    where o.order_id = u.order_id and o.version = u.expected_version and o.order_id = any($${ORDERS_FROM}::bigint[])
    returning o.order_id),
  points_given as materialized (
    select * from unnest(${USER_IDS}, $${POINTS_FROM + 1}::bigint[], $${POINTS_FROM + 2}::int[])
      as g(user_id, pay_id, points)),
  points as materialized (select user_id, sum(points) as points from points_given group by user_id),
  points_moved as (
    update trade_user u set user_score = u.user_score + points.points
    from points where u.user_id = points.user_id and u.user_id = any(${USER_IDS})
    returning u.user_id, u.user_money, u.user_score),
  points_log as (
    insert into trade_user_score_log (user_id, pay_id, log_type, score, create_time)
    select user_id, pay_id, 1, points, ${AT} from points_given order by user_id, pay_id),
  logged as (
    insert into trade_pay_log (pay_id, order_id, pay_amount, log_time)
    select pay_id, order_id, amount, ${AT}
    from unnest($${LOGS_FROM}::bigint[], $${LOGS_FROM + 1}::bigint[], $${LOGS_FROM + 2}::numeric[])
      as g(pay_id, order_id, amount) order by pay_id),
  ${inboxOfEventsCte('pay_status', NOW)},
  refused as materialized (
    select cardinality($1::bigint[]) + cardinality($${ORDERS_FROM}::bigint[]) + (select count(*) from points)
      - (select count(*) from changed) - (select count(*) from marked) - (select count(*) from points_moved) as rows)
  select 'all' as part, (1 / (case rows when 0 then 1 else 0 end))::text as id, null as first, null as second,
    null as third from refused
  union all select 'event', id::text, msg_topic, msg_tag, msg_key from events
  union all select 'wallet', user_id::text, user_money::text, user_score::text, null from points_moved`,
};
