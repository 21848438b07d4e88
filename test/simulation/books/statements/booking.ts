// The statement of persistence/stores/booking.ts.
import type { Instant } from '../../../../actors/domain/envelope';
import { amount, batch, int, text, textOrNull } from '../batch';
import type { TransactionRow } from '../rows';
import { SqlError } from '../sql-error';
import type { ShopTables } from '../tables';
import { EVENTS, eventPart, writeEvents } from './events';
import { recordGroups } from './inbox-claims';
import { TRANSACTIONS } from './payment';
import type { Statements } from './statement';
import { addGivenPoints } from './wallet';

const PAID = batch({ pay_id: text, expected_version: int, version: int, pay_time: textOrNull });
const RECORDED = batch(TRANSACTIONS);
const MARKED = batch({
  order_id: text,
  expected_version: int,
  version: int,
  pay_id: text,
  pay_time: textOrNull,
});
const POINTS = batch({ user_id: text, pay_id: text, points: int });
const LOGS = batch({ pay_id: text, order_id: text, pay_amount: amount });

const RECORDED_FROM = 1 + PAID.width;
const NOW = RECORDED_FROM + RECORDED.width;
const EVENTS_FROM = NOW + 1;
const MARKED_FROM = EVENTS_FROM + EVENTS.width;
const POINTS_FROM = MARKED_FROM + MARKED.width;
const LOGS_FROM = POINTS_FROM + POINTS.width;

function book(tables: ShopTables, values: readonly unknown[]): readonly object[] {
  const { payments, transactions, orders, payLog } = tables;
  const at = values[NOW - 1] as Instant;
  const changed = new Set<string>();
  for (const { expected_version: expected, ...paid } of PAID.rows(values, 1)) {
    const payment = payments.get(paid.pay_id);
    if (payment?.version !== expected) throw refused();
    payments.replace({ ...payment, ...paid, is_paid: 2 });
    changed.add(paid.pay_id);
  }
  for (const row of RECORDED.rows(values, RECORDED_FROM)) transactions.insert(row as TransactionRow);
  const events = writeEvents(tables, values, EVENTS_FROM, at, changed);
  for (const { expected_version: expected, ...marked } of MARKED.rows(values, MARKED_FROM)) {
    const order = orders.get(marked.order_id);
    if (order?.version !== expected) throw refused();
    orders.replace({ ...order, ...marked, pay_status: 2 });
  }
  const wallets = addGivenPoints(tables, POINTS.rows(values, POINTS_FROM), at) as Figures[];
  if (wallets.some(({ id }) => id === null)) throw refused();
  for (const row of LOGS.rows(values, LOGS_FROM)) payLog.insert({ ...row, log_time: at });
  recordGroups(tables, events, 'pay_status', at);
  return [
    { part: 'all', id: '1' },
    ...events.map(eventPart),
    ...wallets.map(({ id, money, score }) => ({ part: 'wallet', id, first: money, second: score })),
  ];
}

/** What is held, or, without an id, that something was not done. */
type Figures = Readonly<Record<string, unknown>>;

const refused = (): SqlError => new SqlError('22012', 'division by zero');

export const BOOKING: Statements = { 'payment-book-joint': book };
