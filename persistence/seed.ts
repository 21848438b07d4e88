// Seeding twice is as good as once: what is there stays as it is, and what is new brings its opening balance
// into the ledger in the same statement (R14).
import type { Kind } from '../actors/domain/envelope';
import { DEMO_COUPONS, DEMO_GOODS, DEMO_USERS } from './demo-data';
import type { Queryable, Statement } from './session';

/** For openings the request key 0 stands in the order's place. */
const GOODS: Statement = {
  name: 'seed-goods',
  text: `
    with fresh as (
      insert into trade_goods (goods_id, goods_name, goods_number, goods_price, goods_desc)
      select * from unnest($1::bigint[], $2::text[], $3::int[], $4::numeric[], $5::text[])
      on conflict do nothing returning goods_id, goods_number),
    opened as (
      insert into trade_goods_number_log (goods_id, order_id, goods_number, log_type)
      select goods_id, 0, goods_number, 3 from fresh on conflict do nothing)
    select count(*)::int as fresh from fresh`,
};

const USERS: Statement = {
  name: 'seed-users',
  text: `
    with fresh as (
      insert into trade_user (user_id, user_name, user_mobile, user_money, user_score, user_password)
      select * from unnest($1::bigint[], $2::text[], $3::text[], $4::numeric[], $5::int[], $6::text[])
      on conflict do nothing returning user_id, user_money, user_score),
    opened as (
      insert into trade_user_money_log (user_id, order_id, money_log_type, use_money)
      select user_id, 0, 3, user_money from fresh on conflict do nothing),
    scored as (
      insert into trade_user_score_log (user_id, pay_id, log_type, score)
      select user_id, 0, 3, user_score from fresh on conflict do nothing)
    select count(*)::int as fresh from fresh`,
};

const COUPONS: Statement = {
  name: 'seed-coupons',
  text: `
    with fresh as (
      insert into trade_coupon (coupon_id, user_id, coupon_price)
      select * from unnest($1::bigint[], $2::bigint[], $3::numeric[])
      on conflict do nothing returning coupon_id)
    select count(*)::int as fresh from fresh`,
};

export interface Seeded {
  readonly goods: number;
  readonly users: number;
  readonly coupons: number;
}

/** Adds the demo data. @returns how many rows were new */
export async function seedDemo(databases: Readonly<Record<Kind, Queryable>>): Promise<Seeded> {
  return {
    goods: await seed(databases.goods, GOODS, [
      DEMO_GOODS.map((goods) => goods.goodsId),
      DEMO_GOODS.map((goods) => goods.name),
      DEMO_GOODS.map((goods) => goods.stock),
      DEMO_GOODS.map((goods) => goods.price),
      DEMO_GOODS.map((goods) => goods.description),
    ]),
    users: await seed(databases.wallet, USERS, [
      DEMO_USERS.map((user) => user.userId),
      DEMO_USERS.map((user) => user.name),
      DEMO_USERS.map((user) => user.mobile),
      DEMO_USERS.map((user) => user.balance),
      DEMO_USERS.map((user) => user.score),
      DEMO_USERS.map((user) => user.passwordHash),
    ]),
    coupons: await seed(databases.coupon, COUPONS, [
      DEMO_COUPONS.map((coupon) => coupon.couponId),
      DEMO_COUPONS.map((coupon) => coupon.userId),
      DEMO_COUPONS.map((coupon) => coupon.price),
    ]),
  };
}

async function seed(database: Queryable, statement: Statement, columns: readonly unknown[]): Promise<number> {
  const [row] = await database.query<{ fresh: number }>(statement, columns);
  return row?.fresh ?? 0;
}
