// The books that a measurement begins with, written by SQL: goods, wallets, coupons and, for callbacks, confirmed orders
// with open payments. Every balance has its ledger, so that the audit holds from the first moment.
import type { Queryable } from '../../persistence/session';
import { HISTORY } from './history';
import { GOODS, USERS } from './shop-size';

export interface Supply {
  /** One belongs to each user in turn. */
  readonly coupons: number;
  /** Each of a confirmed order of its own. */
  readonly payments: number;
  /** Orders that were paid long ago, with ten rows in the ledgers for each. */
  readonly history: number;
}

export const COUPON_PRICE = '3.00';

/** Payments have numbers far from those of their orders, so that none is taken for the other. */
export const FIRST_PAY_ID = 1_000_000_000;

/** The price of goods, from 5.50 to 104.50, so that some orders are free of shipping. */
export const priceOf = (goodsId: number): string => `${(goodsId % 100) + 5}.50`;

export const ownerOf = (place: number): number => ((place - 1) % USERS) + 1;

/** What is due for the payment of this place. */
export const dueOf = (place: number): string => {
  const price = (((place - 1) % GOODS) + 1) % 100;
  return price + 5 >= 100 ? `${price + 5}.50` : `${price + 15}.50`;
};

/** A statement has to end within the time that the pool gives it. */
const AT_ONCE = 50_000;

const PRICE = '(goods_id % 100 + 5.5)';

const OPENINGS: readonly string[] = [
  `insert into trade_user_money_log (user_id, order_id, money_log_type, use_money)
    select n, 0, 3, 1000000 from generate_series(1, ${USERS}) n`,
  `insert into trade_user_score_log (user_id, pay_id, log_type, score) select n, 0, 3, 0 from generate_series(1, ${USERS}) n`,
  `insert into trade_goods_number_log (goods_id, order_id, goods_number, log_type)
    select n, 0, 500000000, 3 from generate_series(1, ${GOODS}) n`,
];

const COUPONS = `insert into trade_coupon (coupon_id, coupon_price, user_id)
  select n, ${COUPON_PRICE}, (n - 1) % ${USERS} + 1 from generate_series(1, $1::int) n`;

const UNPAID: readonly string[] = [
  `insert into trade_order (order_id, user_id, order_status, pay_status, address, goods_id, goods_number, goods_price,
      goods_amount, shipping_fee, order_amount, pay_amount, confirm_time, pay_id, expire_time)
    select n, (n - 1) % ${USERS} + 1, 1, 1, '1 Harbour Road', goods_id, 1, price, price, fee, price + fee, price + fee,
      now(), n + ${FIRST_PAY_ID}, now() + interval '1 day'
    from generate_series(1, $1::int) n cross join lateral (select (n - 1) % ${GOODS} + 1 as goods_id) g
    cross join lateral (select ${PRICE} as price) p
    cross join lateral (select case when price > 100 then 0 else 10 end as fee) f`,
  `insert into trade_goods_number_log (goods_id, order_id, goods_number, log_type)
    select (n - 1) % ${GOODS} + 1, n, -1, 1 from generate_series(1, $1::int) n`,
  `insert into trade_pay (pay_id, order_id, pay_amount)
    select pay_id, order_id, pay_amount from trade_order where order_id between 1 and $1::int`,
];

/** Shelves and wallets are the sums of their ledgers, whatever stands there. */
const BALANCES: readonly string[] = [
  `insert into trade_goods (goods_id, goods_name, goods_number, goods_price)
    select goods_id, 'goods ' || goods_id, sum(goods_number), ${PRICE} from trade_goods_number_log group by goods_id`,
  `insert into trade_user (user_id, user_name, user_money, user_score)
    select user_id, 'user ' || user_id, money, points
    from (select user_id, sum(case money_log_type when 1 then -use_money else use_money end) as money
      from trade_user_money_log group by user_id) m
    join (select user_id, sum(score) as points from trade_user_score_log group by user_id) s using (user_id)`,
];

/** Fills empty, migrated tables, and leaves the server at rest with fresh statistics. */
export async function fill(books: Queryable, { coupons, payments, history }: Supply): Promise<void> {
  for (const text of OPENINGS) await run(books, text);
  if (coupons > 0) await run(books, COUPONS, [coupons]);
  if (payments > 0) for (const text of UNPAID) await run(books, text, [payments]);
  for (let first = 1; first <= history; first += AT_ONCE) {
    const last = Math.min(history, first + AT_ONCE - 1);
    for (const text of HISTORY) await run(books, text, [first, last]);
  }
  for (const text of BALANCES) await run(books, text);
  await run(books, 'vacuum analyze');
  await run(books, 'checkpoint');
}

const run = (books: Queryable, text: string, values: readonly unknown[] = []) =>
  books.query({ name: '', text }, values);
