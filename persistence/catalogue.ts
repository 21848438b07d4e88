// Lists for the shop's pages, and the hash that a login is checked against. Read past the actors: they may lag
// behind by a moment.
import type { Catalogue, Page } from '../actors/domain/operations';
import type { Kind } from '../actors/domain/envelope';
import { BEFORE_ALL } from '../actors/domain/pages';
import { wholeRowOf } from './row-names';
import type { Queryable, Statement } from './session';

const list = (name: string, text: string): Statement => ({ name: `catalogue-${name}`, text });

const GOODS = list(
  'goods',
  `select goods_id, goods_name, goods_number, goods_price, goods_desc, add_time from trade_goods
    where goods_id > $1 order by goods_id limit $2`,
);
const COUPONS = list(
  'coupons',
  `select coupon_id, coupon_price, user_id, order_id, is_used, used_time from trade_coupon
    where user_id = $3 and coupon_id > $1 order by coupon_id limit $2`,
);
/**
 * No index has a user's orders by their ids: every order would pay for it. So all of one user's are read and sorted; asked for
 * in their order at once, the orders of all users might be gone through.
 */
const ORDERS = list(
  'orders',
  `with own as materialized (
      select order_id, user_id, order_status, pay_status, shipping_status, goods_amount, shipping_fee, order_amount,
        coupon_paid, money_paid, pay_amount, add_time, confirm_time, pay_time, fail_code
      from trade_order where user_id = $3)
    select * from own where order_id > $1 order by order_id limit $2`,
);
const PASSWORD = list('password', 'select user_password from trade_user where user_id = $1');

export function createCatalogue(readers: Readonly<Record<Kind, Queryable>>): Catalogue {
  const page = async (reader: Queryable, statement: Statement, { limit, after }: Page, ...more: string[]) =>
    (await reader.query<object>(statement, [after ?? BEFORE_ALL, limit, ...more])).map(wholeRowOf);
  return {
    goods: (wanted) => page(readers.goods, GOODS, wanted),
    coupons: (userId, wanted) => page(readers.coupon, COUPONS, wanted, userId),
    orders: (userId, wanted) => page(readers.order, ORDERS, wanted, userId),
    async passwordHash(userId) {
      const [row] = await readers.wallet.query<{ user_password: string }>(PASSWORD, [userId]);
      return row?.user_password === '' ? undefined : row?.user_password;
    },
  };
}
