// What an operator sees of an order or a payment; each statement reads one kind's tables. What is sorted is read first: for rows
// that come in the order of their ids a whole table might be gone through (ADR 15).
import type { Statement } from './session';

const query = (name: string, text: string): Statement => ({ name: `operations-${name}`, text });

export const ORDER = query('order', 'select * from trade_order where order_id = $1');
export const LINES = query('lines', 'select * from trade_order_goods where order_id = $1 order by goods_id');
export const STOCK_LOG = query(
  'stock-log',
  `select * from trade_goods_number_log where order_id = $1 and log_type in (1, 2) order by goods_id, log_type`,
);
export const MONEY_LOG = query(
  'money-log',
  `select * from trade_user_money_log where user_id = $1 and order_id = $2 and money_log_type in (1, 2)
   order by money_log_type`,
);
export const COUPON_LOG = query(
  'coupon-log',
  'select * from trade_coupon_log where coupon_id = $1 and order_id = $2 order by log_type',
);

export const PAYMENT = query('payment', 'select * from trade_pay where pay_id = $1');
export const PAYMENTS_OF_ORDER = query(
  'payments',
  'with own as materialized (select * from trade_pay where order_id = $1) select * from own order by pay_id',
);
export const TRANSACTIONS = query(
  'transactions',
  'select * from trade_pay_transaction where pay_id = $1 order by create_time, transaction_id',
);
export const PAY_LOG = query('pay-log', 'select * from trade_pay_log where pay_id = $1');
export const SCORE_LOG = query(
  'score-log',
  'select * from trade_user_score_log where user_id = $1 and pay_id = $2 order by log_type',
);
export const ORDER_OWNER = query(
  'order-owner',
  'select user_id::text as user_id from trade_order where order_id = $1',
);

export const OUTBOX = query(
  'outbox',
  'select * from trade_mq_producer_temp where msg_topic = $1 and msg_key = any($2::text[]) order by id',
);
/** By whole keys: with a part of them only, all that a group ever consumed would be gone through. */
export const INBOX = query(
  'inbox',
  `select log.* from unnest($1::text[]) as g(group_name) cross join unnest($2::text[]) as t(msg_tag)
   cross join unnest($3::text[]) as k(msg_key) cross join lateral (
     select * from trade_mq_consumer_log l
     where (l.group_name, l.msg_tag, l.msg_key) = (g.group_name, t.msg_tag, k.msg_key) limit 1) log
   order by group_name, msg_key`,
);
