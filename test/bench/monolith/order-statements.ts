// The statements of an order in the monolith. What is taken is taken only if it is there, by the row's own condition.
import type { Statement } from '../../../persistence/session';

export const CHECK: Statement = {
  name: 'check',
  text: `select goods_price, goods_number, user_money, coupon_price, is_used, c.user_id as coupon_user
    from trade_goods cross join trade_user u left join trade_coupon c on c.coupon_id = $3
    where goods_id = $1 and u.user_id = $2`,
};
export const ORDER: Statement = {
  name: 'order',
  text: `insert into trade_order (order_id, user_id, order_status, pay_status, address, consignee, goods_id,
      goods_number, goods_price, goods_amount, shipping_fee, order_amount, coupon_id, coupon_paid, money_paid,
      pay_amount, confirm_time, expire_time)
    values ($1, $2, 1, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, now(), now() + interval '30 minutes')`,
};
export const STOCK_LOG: Statement = {
  name: 'stock-log',
  text: `insert into trade_goods_number_log (goods_id, order_id, goods_number, log_type) values ($1, $2, -$3::int, 1)`,
};
export const MONEY_LOG: Statement = {
  name: 'money-log',
  text: `insert into trade_user_money_log (user_id, order_id, money_log_type, use_money) values ($1, $2, 1, $3)`,
};
export const COUPON_LOG: Statement = {
  name: 'coupon-log',
  text: `insert into trade_coupon_log (coupon_id, order_id, log_type, coupon_price) values ($1, $2, 1, $3)`,
};
export const COUPON: Statement = {
  name: 'coupon',
  text: `update trade_coupon set is_used = 1, order_id = $2, used_time = now()
    where coupon_id = $1 and is_used = 0 returning coupon_id`,
};
export const WALLET: Statement = {
  name: 'wallet',
  text: `update trade_user set user_money = user_money - $2 where user_id = $1 and user_money >= $2 returning user_id`,
};
export const STOCK: Statement = {
  name: 'stock',
  text: `update trade_goods set goods_number = goods_number - $2
    where goods_id = $1 and goods_number >= $2 returning goods_id`,
};
