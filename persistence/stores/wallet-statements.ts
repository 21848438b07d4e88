// The statements of the wallet store. Money and points have a ledger each; the user's row is locked first and
// updated once, by the sum of both (R5).
import type { Statement } from '../session';
import { inboxCte } from './inbox-claims';
import { isoUtc } from './iso-utc';

/** $1 users, $2 orders, $3 payments, $4 request keys: a row for each request, in their order. */
export const LOAD_WALLETS: Statement = {
  name: 'wallet-load',
  text: `
  select u.user_id::text as user_id, u.user_name, u.user_mobile, u.user_money::text as user_money, u.user_score,
    ${isoUtc('u.user_reg_time', 'user_reg_time')},
    money.taken::text as taken, money.given_back, recharge.use_money::text as recharged,
    points.given as points_given, points.taken_back as points_taken_back
  from unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[]) with ordinality
    as asked(user_id, order_id, pay_id, request_key, place)
  left join trade_user u on u.user_id = asked.user_id
  left join lateral (
    select max(use_money) filter (where money_log_type = 1) as taken, bool_or(money_log_type = 2) as given_back
    from trade_user_money_log log
    where log.user_id = asked.user_id and log.order_id = asked.order_id and money_log_type in (1, 2)) money on true
  left join trade_user_money_log recharge
    on recharge.user_id = asked.user_id and recharge.order_id = asked.request_key and recharge.money_log_type = 3
  left join lateral (
    select max(score) filter (where log_type = 1) as given, bool_or(log_type = 2) as taken_back
    from trade_user_score_log log
    where log.user_id = asked.user_id and log.pay_id = asked.pay_id and log_type in (1, 2)) points on true
  order by asked.place`,
};

/** The hot path: takes only. $1 users, $2 orders, $3 amounts, $4 entries, $5 time. */
export const TAKE_MONEY: Statement = {
  name: 'wallet-take',
  text: `
  with given as materialized (
    select * from unnest($1::bigint[], $2::bigint[], $3::numeric[], $4::int[]) as g(user_id, order_id, amount, entry)),
  held as materialized (
    select user_id from trade_user where user_id = any($1::bigint[]) order by user_id for update),
  taken as (
    insert into trade_user_money_log (user_id, order_id, money_log_type, use_money, create_time)
    select user_id, order_id, 1, amount, $5::timestamptz from given join held using (user_id)
    order by 1, 2
    on conflict do nothing returning user_id, order_id, use_money),
  moved as (
    update trade_user u set user_money = u.user_money - change.money
    from (select user_id, sum(use_money) as money from taken group by user_id) change
    where u.user_id = change.user_id
    returning u.user_id, u.user_money, u.user_score)
  select user_id::text as id, user_money::text as money, user_score as score,
    null::int as entry, null::boolean as done from moved
  union all
  select null, null, null, entry, false from given
  where not exists (select from taken where taken.user_id = given.user_id and taken.order_id = given.order_id)`,
};

/**
 * Everything. $1 users, $2 orders or request keys, $3 amounts, $4 entries, $5 log types; $6 users, $7 payments,
 * $8 points, $9 entries, $10 log types; $11 time; then the inbox claims.
 */
export const CHANGE_WALLETS: Statement = {
  name: 'wallet-change',
  text: `
  with given_money as materialized (
    select * from unnest($1::bigint[], $2::bigint[], $3::numeric[], $4::int[], $5::smallint[])
      as g(user_id, order_id, amount, entry, log_type)),
  given_points as materialized (
    select * from unnest($6::bigint[], $7::bigint[], $8::int[], $9::int[], $10::smallint[])
      as g(user_id, pay_id, points, entry, log_type)),
  held as materialized (
    select user_id from trade_user where user_id = any($1::bigint[] || $6::bigint[])
    order by user_id for update),
  money_added as (
    insert into trade_user_money_log (user_id, order_id, money_log_type, use_money, create_time)
    select user_id, order_id, log_type, amount, $11::timestamptz
    from given_money join held using (user_id) where log_type <> 2
    order by 1, 2, 3
    on conflict do nothing returning user_id, order_id, money_log_type as log_type, use_money),
  money_claimed as (
    insert into trade_user_money_log as log (user_id, order_id, money_log_type, use_money, create_time)
    select user_id, order_id, 1, 0, $11::timestamptz
    from given_money left join held using (user_id) where log_type = 2
    order by 1, 2
    on conflict (user_id, order_id, money_log_type) do update set use_money = log.use_money
    returning user_id, order_id, use_money),
  money_given_back as (
    insert into trade_user_money_log (user_id, order_id, money_log_type, use_money, create_time)
    select user_id, order_id, 2, use_money, $11::timestamptz from money_claimed
    order by 1, 2
    on conflict do nothing returning user_id, order_id, money_log_type as log_type, use_money),
  money as (select * from money_added union all select * from money_given_back),
  points_added as (
    insert into trade_user_score_log (user_id, pay_id, log_type, score, create_time)
    select user_id, pay_id, 1, points, $11::timestamptz
    from given_points join held using (user_id) where log_type = 1
    order by 1, 2
    on conflict do nothing returning user_id, pay_id, log_type, score),
  points_claimed as (
    insert into trade_user_score_log as log (user_id, pay_id, log_type, score, create_time)
    select user_id, pay_id, 1, 0, $11::timestamptz
    from given_points left join held using (user_id) where log_type = 2
    order by 1, 2
    on conflict (user_id, pay_id, log_type) do update set score = log.score
    returning user_id, pay_id, score),
  points_taken_back as (
    insert into trade_user_score_log (user_id, pay_id, log_type, score, create_time)
    select user_id, pay_id, 2, -score, $11::timestamptz from points_claimed
    order by 1, 2
    on conflict do nothing returning user_id, pay_id, log_type, score),
  points as (select * from points_added union all select * from points_taken_back),
  moved as (
    update trade_user u set user_money = u.user_money + change.money, user_score = u.user_score + change.score
    from (
      select user_id, sum(money) as money, sum(score) as score from (
        select user_id, case log_type when 1 then -use_money else use_money end as money, 0 as score from money
        union all select user_id, 0, score from points) changes
      group by user_id) change
    where u.user_id = change.user_id
    returning u.user_id, u.user_money, u.user_score),
  outcome as materialized (
    select entry, money.user_id is not null as done,
      given_money.log_type = 2 and money.use_money <> given_money.amount as differs
    from given_money left join money using (user_id, order_id, log_type)
    union all
    select entry, points.user_id is not null, given_points.log_type = 2 and -points.score <> given_points.points
    from given_points left join points using (user_id, pay_id, log_type)),
  ${inboxCte(12, 11)}
  select user_id::text as id, user_money::text as money, user_score as score,
    null::int as entry, null::boolean as done from moved
  union all
  select null, null, null, entry, done from outcome where differs or not done`,
};
