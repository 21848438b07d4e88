// Books in good order: orders in each of their ends, with all that the ledgers say of them. Plain SQL, so
// that a fault may be planted in any table.
import type { Kind } from '../../actors/domain/envelope';
import type { Queryable } from '../../persistence/session';
import { kindOf, TABLES } from './kind-tables';

/** 100 paid, 101 being paid, 102 cancelled, 103 invalid, 104 refunded, 105 paid from the wallet alone. */
const BOOKS = [
  `insert into trade_goods (goods_id, goods_name, goods_number, goods_price) values (1, 'cup', 98, 200), (2, 'pen', 97, 50)`,
  `insert into trade_user (user_id, user_name, user_money, user_score) values (10, 'Li', 910, 150), (11, 'Wu', 50, 7)`,
  `insert into trade_coupon (coupon_id, coupon_price, user_id, is_used, order_id, used_time) values
    (20, 20, 10, 1, 100, now()), (21, 10, 11, 0, null, null), (22, 5, 10, 0, null, null)`,
  `insert into trade_order (order_id, user_id, order_status, pay_status, goods_id, goods_number, goods_price,
      goods_amount, shipping_fee, order_amount, coupon_id, coupon_paid, money_paid, pay_amount, pay_id,
      fail_code, compensation_status) values
    (100, 10, 1, 2, 1, 1, 200, 200,  0, 200,   20, 20, 30, 150,  500,  null, 0),
    (101, 11, 1, 1, 1, 1, 200, 300,  0, 300, null,  0,  0, 300,  501,  null, 0),
    (102, 11, 2, 0, 2, 1,  50,  50, 10,  60,   21, 10, 20,  30,  503, 10009, 2),
    (103, 10, 3, 0, 2, 1,  50,  50, 10,  60, null,  0,  0,   0, null, 20002, 2),
    (104, 11, 4, 2, 1, 1, 200, 200,  0, 200, null,  0,  0, 200,  502,  null, 2),
    (105, 10, 1, 2, 2, 1,  50,  50, 10,  60, null,  0, 60,   0, null,  null, 0)`,
  `insert into trade_order_goods (order_id, goods_id, goods_number, goods_price) values (101, 1, 1, 200), (101, 2, 2, 50)`,
  `insert into trade_goods_number_log (goods_id, order_id, goods_number, log_type) values
    (1, 0, 100, 3), (2, 0, 100, 3), (1, 100, -1, 1), (1, 101, -1, 1), (2, 101, -2, 1), (2, 102, -1, 1),
    (2, 102, 1, 2), (2, 103, 0, 1), (2, 103, 0, 2), (1, 104, -1, 1), (1, 104, 1, 2), (2, 105, -1, 1)`,
  `insert into trade_user_money_log (user_id, order_id, money_log_type, use_money) values
    (10, 0, 3, 1000), (11, 0, 3, 50), (10, 100, 1, 30), (11, 102, 1, 20), (11, 102, 2, 20),
    (11, 104, 1, 0), (11, 104, 2, 0), (10, 105, 1, 60)`,
  `insert into trade_user_score_log (user_id, pay_id, log_type, score) values
    (10, 0, 3, 0), (11, 0, 3, 7), (10, 500, 1, 150), (11, 502, 1, 200), (11, 502, 2, -200)`,
  `insert into trade_coupon_log (coupon_id, order_id, log_type, coupon_price) values
    (20, 100, 1, 20), (21, 102, 1, 10), (21, 102, 2, 10)`,
  `insert into trade_pay (pay_id, order_id, pay_amount, is_paid) values
    (500, 100, 150, 2), (501, 101, 300, 1), (502, 104, 200, 2), (503, 102, 30, 1)`,
  `insert into trade_pay_transaction (provider, transaction_id, pay_id, amount, state) values
    ('sandbox', 'T500', 500, 150, 'booked'), ('sandbox', 'T502', 502, 200, 'refunded'),
    ('sandbox', 'T503', 503, 30, 'refunded')`,
  `insert into trade_pay_log (pay_id, order_id, pay_amount) values (500, 100, 150), (502, 104, 200)`,
];

/** Each is in the database of its group's home. */
const INBOX: readonly (readonly [Kind, string])[] = [
  ['goods', "'order_cancel:102', 'order_orderTopic_cancel_goods_group', 'order_cancel', '102:2', 1, 1"],
  ['wallet', "'pay_status:500', 'pay_payTopic_user_group', 'pay_status', '500', 1, 1"],
];

export type Readers = Readonly<Record<Kind, Queryable>>;

async function run(database: Queryable, text: string): Promise<void> {
  await database.query({ name: '', text }, []);
}

/** @param kind where the rows are, if the tables that the statement names do not say it */
export const runSql = (readers: Readers, text: string, kind = kindOf(text)): Promise<void> =>
  run(readers[kind], text);

/** Empties the tables of each database and writes the books anew. */
export async function writeBooks(readers: Readers): Promise<void> {
  await emptyBooks(readers);
  for (const text of BOOKS) await runSql(readers, text);
  for (const [kind, row] of INBOX) {
    const columns = 'msg_id, group_name, msg_tag, msg_key, consumer_status, consumer_times';
    await runSql(readers, `insert into trade_mq_consumer_log (${columns}) values (${row})`, kind);
  }
}

export async function emptyBooks(readers: Readers): Promise<void> {
  for (const database of new Set(Object.values(readers))) await emptyTables(database);
}

/** Faster than `truncate`, which makes every table and index anew: the tables hold a few rows. */
export const emptyTables = (database: Queryable): Promise<void> =>
  run(database, `with ${TABLES.map((table) => `${table}_gone as (delete from ${table})`).join(', ')} select`);
