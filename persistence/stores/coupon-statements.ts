// The statements of the coupon store. A use counts only on what the locked row says, never on the snapshot's:
// two orders at once would both find the coupon free there.
//
// The ledger's row of type 1 says that an order used the coupon and at which price. An order that gives back
// what it never used leaves a row of type 1 as well, so that its late use is refused (R2); its price is -1,
// because a coupon may be worth 0 and none is worth less. The row of type 2 repeats the price.
import type { Statement } from '../session';
import { inboxCte } from './inbox-claims';
import { isoUtc } from './iso-utc';

/** $1 coupons, $2 orders: a row for each request, in their order. */
export const LOAD_COUPONS: Statement = {
  name: 'coupon-load',
  text: `
  select coupon.coupon_id::text as coupon_id, coupon.coupon_price::text as coupon_price,
    coupon.user_id::text as user_id, coupon.order_id::text as order_id, ${isoUtc('coupon.used_time', 'used_time')},
    ledger.price::text as recorded_price, ledger.price >= 0 as recorded_used, ledger.given_back
  from unnest($1::bigint[], $2::bigint[]) with ordinality as asked(coupon_id, order_id, place)
  left join lateral (select * from trade_coupon where coupon_id = asked.coupon_id limit 1) coupon on true
  left join lateral (
    select max(coupon_price) filter (where log_type = 1) as price, bool_or(log_type = 2) as given_back
    from trade_coupon_log log
    where log.coupon_id = asked.coupon_id and log.order_id = asked.order_id) ledger on true
  order by asked.place`,
};

const GIVEN = `
  given as materialized (
    select * from unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::numeric[], $5::timestamptz[], $6::int[])
      as g(coupon_id, order_id, user_id, price, used_time, entry))`;

const held = (ids: string): string => `
  held as materialized (
    select coupon_id, order_id, user_id, coupon_price from trade_coupon where coupon_id = any(${ids})
    order by coupon_id for update)`;

/**
 * Only a coupon that is free, of this user and of this price; anything else is to be decided again. As a CASE,
 * because the planner takes the plain conditions to leave one row, and then joins each row with each.
 */
const USED = `
  used as (
    insert into trade_coupon_log (coupon_id, order_id, log_type, coupon_price, log_time)
    select given.coupon_id, given.order_id, 1, held.coupon_price, given.used_time
    from given join held using (coupon_id)
    where case when held.order_id is null
      then held.user_id = given.user_id and held.coupon_price = given.price else false end
    order by 1, 2
    on conflict do nothing returning coupon_id, order_id, log_time)`;

/** What is held now of every coupon that the batch names, changed or not. */
const FIGURES = `
  select held.coupon_id::text as id, held.user_id::text as user_id,
    (case when moved.coupon_id is null then held.order_id else moved.order_id end)::text as order_id,
    null::int as entry, null::boolean as done
  from held left join moved using (coupon_id)`;

/** The hot path: uses only. $1 coupons, $2 orders, $3 users, $4 prices, $5 times of use, $6 entries. */
export const USE_COUPONS: Statement = {
  name: 'coupon-use',
  text: `
  with ${GIVEN},
  ${held('$1::bigint[]')},
  ${USED},
  moved as (
    update trade_coupon coupon set is_used = 1, order_id = used.order_id, used_time = used.log_time
    from used where coupon.coupon_id = used.coupon_id and coupon.coupon_id = any($1::bigint[])
    returning coupon.coupon_id, coupon.order_id)
  ${FIGURES}
  union all
  select null, null, null, entry, false from given
  where not exists (select from used where used.coupon_id = given.coupon_id and used.order_id = given.order_id)`,
};

/**
 * Everything. $1 to $6 as in USE_COUPONS. Give-backs: $7 coupons, $8 orders, $9 whether the actor believes that
 * it was used, $10 entries. Issues: $11 coupons, $12 prices, $13 users, $14 entries. $15 time; then the inbox claims.
 */
export const CHANGE_COUPONS: Statement = {
  name: 'coupon-change',
  text: `
  with ${GIVEN},
  returned as materialized (
    select * from unnest($7::bigint[], $8::bigint[], $9::boolean[], $10::int[]) as r(coupon_id, order_id, was_used, entry)),
  fresh as materialized (
    select * from unnest($11::bigint[], $12::numeric[], $13::bigint[], $14::int[])
      as f(coupon_id, coupon_price, user_id, entry)),
  ${held('$1::bigint[] || $7::bigint[]')},
  issued as (
    insert into trade_coupon (coupon_id, coupon_price, user_id)
    select coupon_id, coupon_price, user_id from fresh order by coupon_id
    on conflict do nothing returning coupon_id, user_id),
  ${USED},
  claimed as (
    insert into trade_coupon_log as log (coupon_id, order_id, log_type, coupon_price, log_time)
    select returned.coupon_id, returned.order_id, 1, -1, $15::timestamptz
    from returned left join held using (coupon_id)
    order by 1, 2
    on conflict (coupon_id, order_id, log_type) do update set coupon_price = log.coupon_price
    returning coupon_id, order_id, coupon_price),
  given_back as (
    insert into trade_coupon_log (coupon_id, order_id, log_type, coupon_price, log_time)
    select coupon_id, order_id, 2, coupon_price, $15::timestamptz from claimed
    order by 1, 2
    on conflict do nothing returning coupon_id, order_id, coupon_price),
  moved as (
    update trade_coupon coupon
    set is_used = change.is_used, order_id = change.order_id, used_time = change.used_time
    from (
      select coupon_id, 1 as is_used, order_id, log_time as used_time from used
      union all
      select coupon_id, 0, null, null from given_back join held using (coupon_id, order_id)
      where given_back.coupon_price >= 0) change
    where coupon.coupon_id = change.coupon_id and coupon.coupon_id = any($1::bigint[] || $7::bigint[])
    returning coupon.coupon_id, coupon.order_id),
  outcome as materialized (
    select entry, used.coupon_id is not null as done, false as differs
    from given left join used using (coupon_id, order_id)
    union all
    select entry, given_back.coupon_id is not null, (given_back.coupon_price >= 0) <> returned.was_used
    from returned left join given_back using (coupon_id, order_id)
    union all
    select entry, issued.coupon_id is not null, false from fresh left join issued using (coupon_id)),
  ${inboxCte(16, 15)}
  ${FIGURES}
  union all
  select coupon_id::text, user_id::text, null, null, null from issued
  union all
  select null, null, null, entry, done from outcome where differs or not done`,
};
