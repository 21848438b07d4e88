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
    money.taken::text as taken, money.given_back, recharge.amount::text as recharged,
    points.given as points_given, points.taken_back as points_taken_back
  from unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[]) with ordinality
    as asked(user_id, order_id, pay_id, request_key, place)
  left join lateral (select * from trade_user where user_id = asked.user_id limit 1) u on true
  left join lateral (
    select max(use_money) filter (where money_log_type = 1) as taken, bool_or(money_log_type = 2) as given_back
    from trade_user_money_log log
    where log.user_id = asked.user_id and log.order_id = asked.order_id and money_log_type in (1, 2)) money on true
  left join lateral (
    select max(use_money) as amount from trade_user_money_log log
    where log.user_id = asked.user_id and log.order_id = asked.request_key and money_log_type = 3) recharge on true
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
    where u.user_id = change.user_id and u.user_id = any($1::bigint[])
    returning u.user_id, u.user_money, u.user_score)
  select user_id::text as id, user_money::text as money, user_score as score,
    null::int as entry, null::boolean as done from moved
  union all
  select null, null, null, entry, false from given
  where not exists (select from taken where taken.user_id = given.user_id and taken.order_id = given.order_id)`,
};

/**
 * Everything. Takes and recharges: $1 users, $2 orders or request keys, $3 amounts, $4 entries, $5 log types; money
 * to give back: $6 users, $7 orders, $8 amounts, $9 entries. Points to add: $10 users, $11 payments, $12 points, $13
 * entries; to take back: $14 to $17 likewise. $18 time; then the inbox claims.
 */
export const CHANGE_WALLETS: Statement = {
  name: 'wallet-change',
  text: `
  with money_given as materialized (
    select * from unnest($1::bigint[], $2::bigint[], $3::numeric[], $4::int[], $5::smallint[])
      as g(user_id, order_id, amount, entry, log_type)),
  money_returned as materialized (
    select * from unnest($6::bigint[], $7::bigint[], $8::numeric[], $9::int[]) as r(user_id, order_id, amount, entry)),
  points_given as materialized (
    select * from unnest($10::bigint[], $11::bigint[], $12::int[], $13::int[]) as g(user_id, pay_id, points, entry)),
  points_returned as materialized (
    select * from unnest($14::bigint[], $15::bigint[], $16::int[], $17::int[]) as r(user_id, pay_id, points, entry)),
  held as materialized (
    select user_id from trade_user
    where user_id = any($1::bigint[] || $6::bigint[] || $10::bigint[] || $14::bigint[])
    order by user_id for update),
  money_added as (
    insert into trade_user_money_log (user_id, order_id, money_log_type, use_money, create_time)
    select user_id, order_id, log_type, amount, $18::timestamptz from money_given join held using (user_id)
    order by 1, 2, 3
    on conflict do nothing returning user_id, order_id, money_log_type as log_type, use_money),
  money_claimed as (
    insert into trade_user_money_log as log (user_id, order_id, money_log_type, use_money, create_time)
    select user_id, order_id, 1, 0, $18::timestamptz from money_returned left join held using (user_id)
    order by 1, 2
    on conflict (user_id, order_id, money_log_type) do update set use_money = log.use_money
    returning user_id, order_id, use_money),
  money_given_back as (
    insert into trade_user_money_log (user_id, order_id, money_log_type, use_money, create_time)
    select user_id, order_id, 2, use_money, $18::timestamptz from money_claimed
    order by 1, 2
    on conflict do nothing returning user_id, order_id, use_money),
  points_added as (
    insert into trade_user_score_log (user_id, pay_id, log_type, score, create_time)
    select user_id, pay_id, 1, points, $18::timestamptz from points_given join held using (user_id)
    order by 1, 2
    on conflict do nothing returning user_id, pay_id, score),
  points_claimed as (
    insert into trade_user_score_log as log (user_id, pay_id, log_type, score, create_time)
    select user_id, pay_id, 1, 0, $18::timestamptz from points_returned left join held using (user_id)
    order by 1, 2
    on conflict (user_id, pay_id, log_type) do update set score = log.score
    returning user_id, pay_id, score),
  points_taken_back as (
    insert into trade_user_score_log (user_id, pay_id, log_type, score, create_time)
    select user_id, pay_id, 2, -score, $18::timestamptz from points_claimed
    order by 1, 2
    on conflict do nothing returning user_id, pay_id, score),
  moved as (
    update trade_user u set user_money = u.user_money + change.money, user_score = u.user_score + change.score
    from (
      select user_id, sum(money) as money, sum(score) as score from (
        select user_id, case log_type when 1 then -use_money else use_money end as money, 0 as score from money_added
        union all select user_id, use_money, 0 from money_given_back
        union all select user_id, 0, score from points_added
        union all select user_id, 0, score from points_taken_back) changes
      group by user_id) change
    where u.user_id = change.user_id
      and u.user_id = any($1::bigint[] || $6::bigint[] || $10::bigint[] || $14::bigint[])
    returning u.user_id, u.user_money, u.user_score),
  outcome as materialized (
    select entry, added.user_id is not null as done, false as differs
    from money_given left join money_added added using (user_id, order_id, log_type)
    union all
    select entry, back.user_id is not null, back.use_money <> money_returned.amount
    from money_returned left join money_given_back back using (user_id, order_id)
    union all
    select entry, added.user_id is not null, false
    from points_given left join points_added added using (user_id, pay_id)
    union all
    select entry, back.user_id is not null, -back.score <> points_returned.points
    from points_returned left join points_taken_back back using (user_id, pay_id)),
  ${inboxCte(19, 18)}
  select user_id::text as id, user_money::text as money, user_score as score,
    null::int as entry, null::boolean as done from moved
  union all
  select null, null, null, entry, done from outcome where differs or not done`,
};
