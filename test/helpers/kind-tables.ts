// Which kind a table belongs to, so that the SQL of a test goes to the database that has its rows, wherever that is.
// A statement of two kinds is refused even where they share a database: no test may need what the system does without.
import type { Kind } from '../../actors/domain/envelope';

const KIND_OF_TABLE: Readonly<Record<string, Kind>> = {
  trade_order: 'order',
  trade_order_goods: 'order',
  trade_pay: 'payment',
  trade_pay_transaction: 'payment',
  trade_pay_log: 'pay-log',
  trade_goods: 'goods',
  trade_goods_number_log: 'goods',
  trade_coupon: 'coupon',
  trade_coupon_log: 'coupon',
  trade_user: 'wallet',
  trade_user_money_log: 'wallet',
  trade_user_score_log: 'wallet',
};

/** These are in the database of every kind. */
const MESSAGE_TABLES = ['trade_mq_producer_temp', 'trade_mq_consumer_log'];

export const TABLES = [...Object.keys(KIND_OF_TABLE), ...MESSAGE_TABLES];

/**
 * The one kind whose tables a statement names; messages alone are looked for with the orders, unless told otherwise.
 * @throws Error where it names tables of two kinds
 */
export function kindOf(text: string): Kind {
  const named = (text.match(/\btrade_\w+/g) ?? []).flatMap((table) => KIND_OF_TABLE[table] ?? []);
  const kinds = new Set(named);
  if (kinds.size > 1) throw new Error(`This needs the tables of ${[...kinds].join(' and ')}: ${text}`);
  return named[0] ?? 'order';
}
