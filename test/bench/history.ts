// What a shop has behind it: orders that were paid, $1 to $2, and ten rows of the ledgers for each. Four of these are the
// order's own, the others are restocks and recharges.
import { GOODS, USERS } from './shop-size';

const GOODS_ID = `(n - 1) % ${GOODS} + 1`;
const USER_ID = `(n - 1) % ${USERS} + 1`;
const SERIES = 'generate_series($1::bigint, $2::bigint) n';
/** Far above what callbacks and the client use. */
const ORDER_ID = '(n + 10000000000)';

/** Each order is of one piece for 20.00 with 10.00 for shipping, of which the wallet paid 1.00. */
export const HISTORY: readonly string[] = [
  `insert into trade_order (order_id, user_id, order_status, pay_status, shipping_status, address, goods_id, goods_number,
      goods_price, goods_amount, shipping_fee, order_amount, money_paid, pay_amount, add_time, confirm_time, pay_time,
      pay_id, expire_time, version)
    select ${ORDER_ID}, ${USER_ID}, 1, 2, 1, '1 Harbour Road', ${GOODS_ID}, 1, 20, 20, 10, 30, 1, 29, day, day, day,
      ${ORDER_ID}, day, 4
    from ${SERIES} cross join lateral (select now() - interval '1 day' as day) d`,
  `insert into trade_pay (pay_id, order_id, pay_amount, is_paid, version, pay_time)
    select ${ORDER_ID}, ${ORDER_ID}, 29, 2, 2, now() from ${SERIES}`,
  `insert into trade_pay_transaction (provider, transaction_id, pay_id, amount, state)
    select 'sandbox', 'H-' || n, ${ORDER_ID}, 29, 'booked' from ${SERIES}`,
  `insert into trade_pay_log (pay_id, order_id, pay_amount) select ${ORDER_ID}, ${ORDER_ID}, 29 from ${SERIES}`,
  `insert into trade_user_score_log (user_id, pay_id, log_type, score) select ${USER_ID}, ${ORDER_ID}, 1, 29 from ${SERIES}`,
  `insert into trade_user_money_log (user_id, order_id, money_log_type, use_money)
    select ${USER_ID}, ${ORDER_ID}, 1, 1 from ${SERIES}
    union all select ${USER_ID}, n * 3 + key, 3, 1 from ${SERIES} cross join generate_series(0, 2) key`,
  `insert into trade_goods_number_log (goods_id, order_id, goods_number, log_type)
    select ${GOODS_ID}, ${ORDER_ID}, -1, 1 from ${SERIES}
    union all select ${GOODS_ID}, n * 3 + key, 1, 3 from ${SERIES} cross join generate_series(0, 2) key`,
];
