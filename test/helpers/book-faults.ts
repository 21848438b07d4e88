// Faults to plant in the books of books.ts, as SQL, and the rule of the audit that each breaks.
import type { AuditRule } from '../../persistence/audit';

const consumed = (status: number): string =>
  `(msg_id, group_name, msg_tag, msg_key, consumer_status) values ('m', 'g', 'pay_status', '1', ${status})`;

/** Each breaks a rule (perhaps others with it). */
export const BOOK_FAULTS: readonly (readonly [rule: AuditRule, ...fault: string[]])[] = [
  ['stock is the sum of its ledger', 'update trade_goods set goods_number = 99 where goods_id = 1'],
  [
    'stock is the sum of its ledger',
    'delete from trade_goods_number_log where log_type = 3 and goods_id = 2',
  ],
  [
    'stock is not negative',
    'alter table trade_goods drop constraint trade_goods_goods_number_check',
    'update trade_goods set goods_number = -1 where goods_id = 1',
  ],
  ['stock ledger rows belong to goods', 'delete from trade_goods where goods_id = 2'],
  [
    'stock given back is what was taken',
    'update trade_goods_number_log set goods_number = 2 where order_id = 102 and log_type = 2',
  ],
  [
    'stock given back is what was taken',
    'delete from trade_goods_number_log where order_id = 102 and log_type = 1',
  ],
  ['wallet money is the sum of its ledger', 'update trade_user set user_money = 910.01 where user_id = 10'],
  [
    'wallet money is the sum of its ledger',
    'update trade_user_money_log set use_money = 31 where order_id = 100',
  ],
  [
    'wallet money is not negative',
    'alter table trade_user drop constraint trade_user_user_money_check',
    'update trade_user set user_money = -0.01 where user_id = 11',
  ],
  ['money ledger rows belong to users', 'delete from trade_user where user_id = 11'],
  [
    'wallet money given back is what was taken',
    'update trade_user_money_log set use_money = 19 where order_id = 102 and money_log_type = 2',
  ],
  [
    'wallet money given back is what was taken',
    'delete from trade_user_money_log where order_id = 102 and money_log_type = 1',
  ],
  ['score is the sum of its ledger', 'update trade_user set user_score = 151 where user_id = 10'],
  ['points ledger rows belong to users', 'delete from trade_user where user_id = 11'],
  [
    'points taken back are what was given',
    'update trade_user_score_log set score = -199 where pay_id = 502 and log_type = 2',
  ],
  [
    'coupons are used as their ledger says',
    'update trade_coupon set is_used = 0, order_id = null where coupon_id = 20',
  ],
  [
    'coupons are used as their ledger says',
    'update trade_coupon set is_used = 1, order_id = 102 where coupon_id = 21',
  ],
  ['coupons are used as their ledger says', 'update trade_coupon set order_id = 105 where coupon_id = 20'],
  ['coupons are used as their ledger says', 'delete from trade_coupon where coupon_id = 20'],
  ['coupons are used as their ledger says', 'insert into trade_coupon_log values (22, 105, 1, 5)'],
  [
    'a coupon given back has a ledger row that it was used',
    'delete from trade_coupon_log where order_id = 102 and log_type = 1',
  ],
  ['no order is half-way', 'update trade_order set order_status = 0 where order_id = 101'],
  ['no compensation is half-way', 'update trade_order set compensation_status = 1 where order_id = 102'],
  ['no compensation is half-way', 'update trade_order set compensation_status = 3 where order_id = 104'],
  ['order amounts are goods plus shipping', 'update trade_order set order_amount = 190 where order_id = 100'],
  [
    'order amounts are goods plus shipping',
    'update trade_order_goods set goods_number = 1 where goods_id = 2',
  ],
  [
    'order amounts are goods plus shipping',
    'update trade_order set shipping_fee = 0, order_amount = 50 where order_id = 105',
  ],
  ['pay amounts are what is left to pay', 'update trade_order set pay_amount = 151 where order_id = 100'],
  [
    'only confirmed and refunded orders are paid',
    'update trade_order set pay_status = 2 where order_id = 102',
  ],
  [
    'only confirmed and refunded orders are paid',
    'update trade_order set pay_status = 0 where order_id = 105',
  ],
  [
    'an order has one paid payment at most',
    'insert into trade_pay (pay_id, order_id, pay_amount, is_paid) values (504, 100, 150, 2)',
  ],
  ['transactions belong to payments', 'update trade_pay_transaction set pay_id = 999 where pay_id = 503'],
  ['no refund is half-way', `update trade_pay_transaction set state = 'refund due' where pay_id = 503`],
  ['no refund is half-way', `update trade_pay_transaction set state = 'mismatch' where pay_id = 503`],
  ['no refund has failed', `update trade_pay_transaction set state = 'failed' where pay_id = 503`],
  [
    'a confirmed order holds its stock',
    'delete from trade_goods_number_log where order_id = 101 and goods_id = 2',
  ],
  [
    'a confirmed order holds its stock',
    'insert into trade_goods_number_log (goods_id, order_id, goods_number, log_type) values (1, 100, 1, 2)',
  ],
  [
    'a confirmed order holds its stock',
    'update trade_goods_number_log set goods_number = -2 where order_id = 105',
  ],
  [
    'an ended order holds no stock',
    'delete from trade_goods_number_log where order_id = 102 and log_type = 2',
  ],
  [
    'an ended order holds no stock',
    'delete from trade_goods_number_log where order_id = 104 and log_type = 2',
  ],
  [
    'stock ledger rows belong to order lines',
    'insert into trade_goods_number_log (goods_id, order_id, goods_number) values (1, 99, -1)',
  ],
  [
    'stock ledger rows belong to order lines',
    'insert into trade_goods_number_log (goods_id, order_id, goods_number) values (1, 999, -1)',
  ],
  [
    'stock ledger rows belong to order lines',
    'insert into trade_goods_number_log (goods_id, order_id, goods_number) values (2, 100, -1)',
  ],
  ['a confirmed order has taken its wallet money', 'delete from trade_user_money_log where order_id = 105'],
  [
    'a confirmed order has taken its wallet money',
    'insert into trade_user_money_log values (10, 100, 2, 30)',
  ],
  ['a confirmed order has taken its wallet money', 'insert into trade_user_money_log values (11, 101, 1, 1)'],
  [
    'an ended order holds no wallet money',
    'delete from trade_user_money_log where order_id = 102 and money_log_type = 2',
  ],
  ['money ledger rows belong to orders', 'insert into trade_user_money_log values (10, 999, 1, 1)'],
  ['money ledger rows belong to orders', 'insert into trade_user_money_log values (11, 100, 1, 1)'],
  ['a confirmed order has used its coupon', 'delete from trade_coupon_log where order_id = 100'],
  ['a confirmed order has used its coupon', 'update trade_coupon set user_id = 11 where coupon_id = 20'],
  [
    'a confirmed order has used its coupon',
    'update trade_coupon_log set coupon_price = 25 where order_id = 100',
  ],
  ['a confirmed order has used its coupon', 'update trade_order set coupon_id = null where order_id = 100'],
  ['an ended order holds no coupon', 'delete from trade_coupon_log where order_id = 102 and log_type = 2'],
  ['coupon ledger rows belong to orders', 'insert into trade_coupon_log values (22, 999, 1, 5)'],
  ['coupon ledger rows belong to orders', 'insert into trade_coupon_log values (22, 105, 1, 5)'],
  ['a paid order has its paid payment', 'update trade_order set pay_id = 501 where order_id = 100'],
  ['a paid order has its paid payment', 'update trade_order set pay_id = null where order_id = 100'],
  ['a paid order has its paid payment', 'update trade_pay set is_paid = 1 where pay_id = 500'],
  ['a payment has its order', 'insert into trade_pay (pay_id, order_id, pay_amount) values (504, 999, 1)'],
  ['a paid payment is what its order is paid by', 'update trade_pay set is_paid = 2 where pay_id = 501'],
  ['a paid payment is what its order is paid by', 'update trade_pay set is_paid = 2 where pay_id = 503'],
  [
    'a paid payment of a confirmed order has one booked transaction',
    `update trade_pay_transaction set state = 'refunded' where pay_id = 500`,
  ],
  [
    'a paid payment of a confirmed order has one booked transaction',
    `insert into trade_pay_transaction (provider, transaction_id, pay_id, amount, state) values ('sandbox', 'again', 500, 150, 'booked')`,
  ],
  [
    'no other payment has a booked transaction',
    `update trade_pay_transaction set state = 'booked' where pay_id = 503`,
  ],
  [
    'no other payment has a booked transaction',
    `update trade_pay_transaction set state = 'booked' where pay_id = 502`,
  ],
  [
    'a booked transaction is of the amount due',
    'update trade_pay_transaction set amount = 149.99 where pay_id = 500',
  ],
  ['a payment has a pay log row exactly if it is paid', 'delete from trade_pay_log where pay_id = 502'],
  [
    'a payment has a pay log row exactly if it is paid',
    'insert into trade_pay_log (pay_id, order_id, pay_amount) values (501, 101, 300)',
  ],
  [
    'a payment has a pay log row exactly if it is paid',
    'update trade_pay_log set pay_amount = 1 where pay_id = 500',
  ],
  [
    'pay log rows belong to payments',
    'insert into trade_pay_log (pay_id, order_id, pay_amount) values (999, 101, 300)',
  ],
  ['points are given exactly for paid payments', 'delete from trade_user_score_log where pay_id = 500'],
  ['points are given exactly for paid payments', 'insert into trade_user_score_log values (11, 501, 1, 300)'],
  [
    'points are given exactly for paid payments',
    'update trade_user_score_log set score = 149 where pay_id = 500',
  ],
  [
    'points are taken back exactly for refunded orders',
    'delete from trade_user_score_log where pay_id = 502 and log_type = 2',
  ],
  [
    'points are taken back exactly for refunded orders',
    'insert into trade_user_score_log values (10, 500, 2, -150)',
  ],
  ['points ledger rows belong to payments', 'insert into trade_user_score_log values (10, 999, 1, 5)'],
  ['points ledger rows belong to payments', 'insert into trade_user_score_log values (11, 500, 1, 150)'],
  [
    'no outbox row is left',
    `insert into trade_mq_producer_temp (group_name, msg_topic, msg_tag, msg_key, msg_body) values ('g', 'payTopic', 'pay_status', '500', '{}')`,
  ],
  ['no consumption is running', `insert into trade_mq_consumer_log ${consumed(0)}`],
  ['no consumption is parked', `insert into trade_mq_consumer_log ${consumed(2)}`],
];
