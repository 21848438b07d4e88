// The statements of the goods store. Every flush first locks the goods' rows in the order of their ids, so that
// two owners at once, a stale one and its successor, wait for each other and never deadlock.
import type { Column } from './batch-columns';
import { arraysOf, unnest } from './batch-columns';
import type { Goods } from '../../actors/domain/goods';
import type { Statement } from '../session';
import { inboxCte } from './inbox-claims';
import { isoUtc } from './iso-utc';

/** $1 goods, $2 keys: a row for each request, in their order. */
export const LOAD_GOODS: Statement = {
  name: 'goods-load',
  text: `
  select goods.goods_id::text as goods_id, goods.goods_name, goods.goods_desc, goods.goods_number,
    goods.goods_price::text as goods_price, ${isoUtc('goods.add_time', 'add_time')},
    ledger.taken, ledger.given_back, ledger.restocked
  from unnest($1::bigint[], $2::bigint[]) with ordinality as asked(goods_id, record_key, place)
  left join lateral (select * from trade_goods where goods_id = asked.goods_id limit 1) goods on true
  left join lateral (
    select -max(goods_number) filter (where log_type = 1) as taken, bool_or(log_type = 2) as given_back,
      max(goods_number) filter (where log_type = 3) as restocked
    from trade_goods_number_log log
    where log.order_id = asked.record_key and log.goods_id = asked.goods_id) ledger on true
  order by asked.place`,
};

/** The hot path: takes only. $1 goods, $2 orders, $3 quantities, $4 entries, $5 time. */
export const TAKE_STOCK: Statement = {
  name: 'goods-take',
  text: `
  with given as materialized (
    select * from unnest($1::bigint[], $2::bigint[], $3::int[], $4::int[]) as g(goods_id, order_id, quantity, entry)),
  held as materialized (
    select goods_id from trade_goods where goods_id = any($1::bigint[]) order by goods_id for update),
  taken as (
    insert into trade_goods_number_log (goods_id, order_id, goods_number, log_type, log_time)
    select goods_id, order_id, -quantity, 1, $5::timestamptz from given join held using (goods_id)
    order by order_id, goods_id
    on conflict do nothing returning goods_id, order_id, goods_number),
  moved as (
    update trade_goods goods set goods_number = goods.goods_number + change.number
    from (select goods_id, sum(goods_number) as number from taken group by goods_id) change
    where goods.goods_id = change.goods_id and goods.goods_id = any($1::bigint[])
    returning goods.goods_id, goods.goods_number, goods.goods_price)
  select goods_id::text as id, goods_number as stock, goods_price::text as price,
    null::int as entry, null::boolean as done from moved
  union all
  select null, null, null, entry, false from given
  where not exists (select from taken where taken.order_id = given.order_id and taken.goods_id = given.goods_id)`,
};

const CREATED: readonly Column<Goods>[] = [
  { name: 'goods_id', type: 'bigint', value: (goods) => goods.goodsId },
  { name: 'goods_name', type: 'text', value: (goods) => goods.name },
  { name: 'goods_number', type: 'int', value: (goods) => goods.stock },
  { name: 'goods_price', type: 'numeric', value: (goods) => goods.price },
  { name: 'goods_desc', type: 'text', value: (goods) => goods.description },
  { name: 'add_time', type: 'timestamptz', value: (goods) => goods.addTime },
];

/** The parameters $14 to $19 of CHANGE_GOODS. */
export const createdArrays = (created: readonly Goods[]): unknown[] => arraysOf(CREATED, created);

/**
 * Everything. Takes and restockings: $1 goods, $2 orders or request keys, $3 quantities, $4 entries, $5 log types.
 * Give-backs: $6 goods, $7 orders, $8 quantities, $9 entries. Prices: $10 goods, $11 prices, $12 entries. $13 time;
 * then the columns of new goods, their entries ($20) and the inbox claims.
 * Goods that are new in this statement cannot be taken from in it: their row is not in its snapshot.
 *
 * Written for the planner, which knows nothing of the arrays but what the text says: give-backs have arrays of
 * their own, because a filter by type would make it expect a single row and join each row with each; and `moved`
 * repeats the ids, because it expects so many changes that it would read the whole table for them.
 */
export const CHANGE_GOODS: Statement = {
  name: 'goods-change',
  text: `
  with given as materialized (
    select * from unnest($1::bigint[], $2::bigint[], $3::int[], $4::int[], $5::smallint[])
      as g(goods_id, order_id, quantity, entry, log_type)),
  returned as materialized (
    select * from unnest($6::bigint[], $7::bigint[], $8::int[], $9::int[]) as r(goods_id, order_id, quantity, entry)),
  priced as materialized (
    select * from unnest($10::bigint[], $11::numeric[], $12::int[]) as p(goods_id, price, entry)),
  opening as materialized (
    select goods_id, entry from unnest($14::bigint[], $20::int[]) as o(goods_id, entry)),
  held as materialized (
    select goods_id from trade_goods where goods_id = any($1::bigint[] || $6::bigint[] || $10::bigint[])
    order by goods_id for update),
  created as (
    insert into trade_goods (goods_id, goods_name, goods_number, goods_price, goods_desc, add_time)
    select * from ${unnest(CREATED, 14, 'fresh')} order by goods_id
    on conflict do nothing returning goods_id, goods_number, goods_price),
  added as (
    insert into trade_goods_number_log (goods_id, order_id, goods_number, log_type, log_time)
    select goods_id, order_id, case log_type when 1 then -quantity else quantity end, log_type, $13::timestamptz
    from given join held using (goods_id)
    union all
    select goods_id, 0, goods_number, 3, $13::timestamptz from created
    order by 2, 1, 4
    on conflict do nothing returning goods_id, order_id, log_type, goods_number),
  claimed as (
    insert into trade_goods_number_log as log (goods_id, order_id, goods_number, log_type, log_time)
    select goods_id, order_id, 0, 1, $13::timestamptz from returned left join held using (goods_id)
    order by 2, 1
    on conflict (order_id, goods_id, log_type) do update set goods_number = log.goods_number
    returning goods_id, order_id, goods_number),
  given_back as (
    insert into trade_goods_number_log (goods_id, order_id, goods_number, log_type, log_time)
    select goods_id, order_id, -goods_number, 2, $13::timestamptz from claimed
    order by 2, 1
    on conflict do nothing returning goods_id, order_id, goods_number),
  moved as (
    update trade_goods goods
    set goods_number = goods.goods_number + change.number, goods_price = coalesce(change.price, goods.goods_price)
    from (
      select goods_id, sum(goods_number) as number, max(price) as price from (
        select goods_id, goods_number, null::numeric as price from added
        union all select goods_id, goods_number, null from given_back
        union all select goods_id, 0, price from priced) changes
      group by goods_id) change
    where goods.goods_id = change.goods_id
      and goods.goods_id = any($1::bigint[] || $6::bigint[] || $10::bigint[])
    returning goods.goods_id, goods.goods_number, goods.goods_price),
  outcome as materialized (
    select entry, added.goods_id is not null as done, false as differs
    from given left join added using (goods_id, order_id, log_type)
    union all
    select entry, given_back.goods_id is not null, given_back.goods_number <> returned.quantity
    from returned left join given_back using (goods_id, order_id)
    union all
    select entry, created.goods_id is not null, false from opening left join created using (goods_id)
    union all
    select entry, moved.goods_id is not null, false from priced left join moved using (goods_id)),
  ${inboxCte(21, 13)}
  select goods_id::text as id, goods_number as stock, goods_price::text as price,
    null::int as entry, null::boolean as done
  from (select * from moved union all select * from created) figures(goods_id, goods_number, goods_price)
  union all
  select null, null, null, entry, done from outcome where differs or not done`,
};
