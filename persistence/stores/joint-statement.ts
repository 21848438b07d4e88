// The statement that places new orders with all that they take. Written for speed: nobody else may write what it
// changes, so it locks and asks for nothing beforehand, and what goes against that fails it as a whole.
import type { Statement } from '../session';
import { namesOf, unnest } from './batch-columns';
import { EVENT_WIDTH, eventsCte } from './event-rows';
import { LINES, PLACED_AND_CHANGED } from './order-columns';

/** Numbers of the first parameter of each part; the time is between lines and events. */
const LINES_FROM = 1 + PLACED_AND_CHANGED.length;
const NOW = LINES_FROM + LINES.length;
const EVENTS_FROM = NOW + 1;
const STOCK_FROM = EVENTS_FROM + EVENT_WIDTH;
const STOCK_TYPES = ['bigint', 'bigint', 'int', 'int'];
const MONEY_FROM = STOCK_FROM + STOCK_TYPES.length;
const MONEY_TYPES = ['bigint', 'bigint', 'numeric', 'int'];
const COUPONS_FROM = MONEY_FROM + MONEY_TYPES.length;
const COUPON_TYPES = ['bigint', 'bigint', 'bigint', 'numeric', 'timestamptz', 'int'];

const ELSEWHERE = COUPONS_FROM + COUPON_TYPES.length;

const GOODS_IDS = `$${STOCK_FROM}::bigint[]`;
const USER_IDS = `$${MONEY_FROM}::bigint[]`;
const COUPON_IDS = `$${COUPONS_FROM}::bigint[]`;
const AT = `$${NOW}::timestamptz`;

/** Steps of the orders that are new, or elsewhere: nothing is taken for one that was there already. */
const given = (first: number, types: readonly string[], names: string): string => `
    select * from unnest(${types.map((type, place) => `$${first + place}::${type}[]`).join(', ')}) as g(${names})
    where order_id in (select id from due)`;

/**
 * A step that cannot be taken leaves its row as it is: then less has moved than was asked for, and the division by zero
 * has the database take everything back. So do its own rules, where stock or money would fall below 0, or the ledger has
 * the step already. A coupon must be free, of this user and of this price; that is a CASE, because the planner takes the
 * plain conditions to leave one row, and then joins each row with each.
 *
 * The parts of what is returned are told by their first column.
 */
export const PLACE_JOINTLY: Statement = {
  name: 'order-place-joint',
  text: `
  with changed as (
    insert into trade_order (${namesOf(PLACED_AND_CHANGED)})
    select ${namesOf(PLACED_AND_CHANGED)} from ${unnest(PLACED_AND_CHANGED, 1, 'p')} order by user_id, request_key
    on conflict do nothing returning order_id as id),
  lines as (
    insert into trade_order_goods (${namesOf(LINES)})
    select ${namesOf(LINES)} from ${unnest(LINES, LINES_FROM, 'l')} where order_id in (select id from changed)),
  ${eventsCte(EVENTS_FROM, NOW)},
  due as (select id from changed union all select unnest($${ELSEWHERE}::bigint[])),
  stock_given as materialized (${given(STOCK_FROM, STOCK_TYPES, 'goods_id, order_id, quantity, entry')}),
  stock as materialized (select goods_id, sum(quantity) as quantity from stock_given group by goods_id),
  stock_moved as (
    update trade_goods goods set goods_number = goods.goods_number - stock.quantity
    from stock where goods.goods_id = stock.goods_id and goods.goods_id = any(${GOODS_IDS})
    returning goods.goods_id, goods.goods_number, goods.goods_price),
  stock_log as (
    insert into trade_goods_number_log (goods_id, order_id, goods_number, log_type, log_time)
    select goods_id, order_id, -quantity, 1, ${AT} from stock_given order by order_id, goods_id),
  money_given as materialized (${given(MONEY_FROM, MONEY_TYPES, 'user_id, order_id, amount, entry')}),
  money as materialized (select user_id, sum(amount) as amount from money_given group by user_id),
  money_moved as (
    update trade_user u set user_money = u.user_money - money.amount
    from money where u.user_id = money.user_id and u.user_id = any(${USER_IDS})
    returning u.user_id, u.user_money, u.user_score),
  money_log as (
    insert into trade_user_money_log (user_id, order_id, money_log_type, use_money, create_time)
    select user_id, order_id, 1, amount, ${AT} from money_given order by user_id, order_id),
  uses as materialized (${given(COUPONS_FROM, COUPON_TYPES, 'coupon_id, order_id, user_id, price, used_time, entry')}),
  used as (
    update trade_coupon coupon set is_used = 1, order_id = uses.order_id, used_time = uses.used_time
    from uses where coupon.coupon_id = uses.coupon_id and coupon.coupon_id = any(${COUPON_IDS})
      and case when coupon.order_id is null
        then coupon.user_id = uses.user_id and coupon.coupon_price = uses.price else false end
    returning coupon.coupon_id, coupon.order_id, coupon.user_id, coupon.coupon_price, coupon.used_time),
  coupon_log as (
    insert into trade_coupon_log (coupon_id, order_id, log_type, coupon_price, log_time)
    select coupon_id, order_id, 1, coupon_price, used_time from used order by coupon_id, order_id),
  refused as materialized (
    select (select count(*) from stock) + (select count(*) from money) + (select count(*) from uses)
      - (select count(*) from stock_moved) - (select count(*) from money_moved) - (select count(*) from used) as steps)
  select 'order' as part, id::text as id, null as first, null as second, null as third from changed
  where 1 / (case (select steps from refused) when 0 then 1 else 0 end) = 1
  union all select 'event', id::text, msg_topic, msg_tag, msg_key from events
  union all select 'goods', goods_id::text, goods_number::text, goods_price::text, null from stock_moved
  union all select 'wallet', user_id::text, user_money::text, user_score::text, null from money_moved
  union all select 'coupon', coupon_id::text, user_id::text, order_id::text, null from used`,
};
