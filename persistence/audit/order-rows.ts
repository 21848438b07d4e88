// What the audit reads for a page of orders, from each kind by its own index.
import type { Statement } from '../session';

export interface AuditedOrder {
  readonly order_id: string;
  readonly user_id: string;
  readonly order_status: number;
  readonly pay_status: number;
  readonly compensation_status: number;
  readonly goods_id: string;
  readonly goods_number: number;
  readonly coupon_id: string | null;
  readonly coupon_paid: string;
  readonly money_paid: string;
  readonly pay_amount: string;
  readonly pay_id: string | null;
}

export const ORDERS: Statement = {
  name: 'audit-orders',
  text: `
    select o.order_id::text, o.user_id::text, order_status, pay_status, compensation_status, goods_id::text, goods_number,
      coupon_id::text, coupon_paid::text, money_paid::text, pay_amount::text, pay_id::text
    from trade_order o where o.order_id > $1 order by o.order_id limit $2`,
};

export interface LineRow {
  readonly order_id: string;
  readonly goods_id: string;
  readonly goods_number: number;
}

export const LINES: Statement = {
  name: 'audit-lines',
  text: `select order_id::text, goods_id::text, goods_number from trade_order_goods g
    where g.order_id > $1 and g.order_id <= $2`,
};

export interface StockRow {
  readonly order_id: string;
  readonly goods_id: string;
  readonly taken: number;
  readonly given_back: boolean;
}

export const STOCK: Statement = {
  name: 'audit-stock',
  text: `
    select l.order_id::text, l.goods_id::text, bool_or(log_type = 2) as given_back,
      coalesce(-sum(goods_number) filter (where log_type = 1), 0)::int as taken
    from trade_goods_number_log l where log_type in (1, 2) and l.order_id > $1 and l.order_id <= $2
    group by l.order_id, l.goods_id`,
};

export interface MoneyRow {
  readonly order_id: string;
  readonly taken: string;
  readonly given_back: boolean;
  readonly row_count: number;
}

export const MONEY: Statement = {
  name: 'audit-money',
  text: `
    select l.order_id::text, bool_or(money_log_type = 2) as given_back, count(*)::int as row_count,
      coalesce(sum(use_money) filter (where money_log_type = 1), 0)::numeric(12, 2)::text as taken
    from trade_user_money_log l
    join unnest($1::bigint[], $2::bigint[]) as k(user_id, order_id) using (user_id, order_id)
    where money_log_type in (1, 2) group by l.user_id, l.order_id`,
};

export interface CouponRow {
  readonly order_id: string;
  readonly owner: string | null;
  readonly used: boolean;
  readonly price: string | null;
  readonly given_back: boolean;
}

export const COUPONS: Statement = {
  name: 'audit-coupons',
  text: `
    select k.order_id::text, c.user_id::text as owner, u.coupon_id is not null as used, u.coupon_price::text as price,
      b.coupon_id is not null as given_back
    from unnest($1::bigint[], $2::bigint[]) as k(coupon_id, order_id)
    left join trade_coupon c on c.coupon_id = k.coupon_id
    left join trade_coupon_log u on u.coupon_id = k.coupon_id and u.order_id = k.order_id and u.log_type = 1
    left join trade_coupon_log b on b.coupon_id = k.coupon_id and b.order_id = k.order_id and b.log_type = 2`,
};

export interface PaidRow {
  readonly pay_id: string;
  readonly order_id: string;
  readonly pay_amount: string;
  readonly is_paid: number;
}

export const PAYMENTS_BY_ID: Statement = {
  name: 'audit-payments-by-id',
  text: `select pay_id::text, order_id::text, pay_amount::text, is_paid from trade_pay p where p.pay_id = any($1::bigint[])`,
};

export const ORDERS_BY_ID: Statement = {
  name: 'audit-orders-by-id',
  text: `
    select o.order_id::text, user_id::text, order_status, pay_status, compensation_status, goods_id::text, goods_number,
      coupon_id::text, coupon_paid::text, money_paid::text, pay_amount::text, pay_id::text
    from trade_order o where o.order_id = any($1::bigint[])`,
};
