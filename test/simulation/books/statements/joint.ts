// The statement of persistence/stores/joint.ts.
import type { Instant } from '../../../../actors/domain/envelope';
import { arrayOf } from '../batch';
import type { OrderRow } from '../rows';
import { SqlError } from '../sql-error';
import type { ShopTables } from '../tables';
import { useGiven, USES } from './coupon';
import { EVENTS, eventPart, writeEvents } from './events';
import { takeGiven as takeStock, TAKES } from './goods';
import { LINES, place, WHOLE } from './order';
import type { Statements } from './statement';
import { MONEY, takeGiven as takeMoney } from './wallet';

const LINES_FROM = 1 + WHOLE.width;
const NOW = LINES_FROM + LINES.width;
const EVENTS_FROM = NOW + 1;
const STOCK_FROM = EVENTS_FROM + EVENTS.width;
const MONEY_FROM = STOCK_FROM + TAKES.width;
const COUPONS_FROM = MONEY_FROM + MONEY.width;
const ELSEWHERE = COUPONS_FROM + USES.width;

function placeJoint(tables: ShopTables, values: readonly unknown[]): readonly object[] {
  const at = values[NOW - 1] as Instant;
  const placed = WHOLE.rows(values, 1).filter((row) => place(tables, row as OrderRow));
  const changed = new Set(placed.map(({ order_id: id }) => id));
  const isNew = (row: { order_id: string }): boolean => changed.has(row.order_id);
  for (const line of LINES.rows(values, LINES_FROM).filter(isNew)) tables.lines.insert(line);
  const events = writeEvents(tables, values, EVENTS_FROM, at, changed);
  const elsewhere = new Set(arrayOf(values[ELSEWHERE - 1]));
  const isDue = (row: { order_id: string }): boolean => isNew(row) || elsewhere.has(row.order_id);
  const goods = takeStock(tables, TAKES.rows(values, STOCK_FROM).filter(isDue), at) as Figures[];
  const wallets = takeMoney(tables, MONEY.rows(values, MONEY_FROM).filter(isDue), at) as Figures[];
  const coupons = useGiven(tables, USES.rows(values, COUPONS_FROM).filter(isDue)) as Figures[];
  if ([...goods, ...wallets, ...coupons].some(({ id }) => id === null)) {
    throw new SqlError('22012', 'division by zero');
  }
  return [
    ...[...changed].map((id) => ({ part: 'order', id })),
    ...events.map(eventPart),
    ...goods.map(({ id, stock, price }) => ({ part: 'goods', id, first: stock, second: price })),
    ...wallets.map(({ id, money, score }) => ({ part: 'wallet', id, first: money, second: score })),
    ...coupons.map(({ id, user_id: first, order_id: second }) => ({ part: 'coupon', id, first, second })),
  ];
}

/** What is held, or, without an id, that something was not done. */
type Figures = Readonly<Record<string, unknown>>;

export const JOINT: Statements = { 'order-place-joint': placeJoint };
