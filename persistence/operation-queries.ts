// What an operator sees of an order or a payment; each statement reads one kind's tables.
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
  'select * from trade_pay where order_id = $1 order by pay_id',
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
/** All three parts of the key are given, so this reads a few rows by their index. */
export const INBOX = query(
  'inbox',
  `select * from trade_mq_consumer_log
   where group_name = any($1::text[]) and msg_tag = any($2::text[]) and msg_key = any($3::text[])
   order by group_name, msg_key`,
);
