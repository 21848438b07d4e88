// Orders: one statement a flush inserts and updates whole rows by version, with their events and consumptions
// in the same commit (R4).
import type { OutboxEvent } from '../../actors/domain/events';
import type { OrderFact, StandingOrder } from '../../actors/domain/order';
import type { Line, Order } from '../../actors/domain/order-state';
import type { Store } from '../../actors/domain/ports/store';
import { arraysOf, namesOf, unnest } from './batch-columns';
import { CHANGING, EXPECTED, LINES, linesOf, PLACED, type Placed, type Updated } from './order-columns';
import { loadOrders, loadStanding } from './order-rows';
import { versionedStatement, versionedStore, type Change, type VersionedStoreParts } from './versioned-store';

export interface OrderStoreParts extends VersionedStoreParts {
  readonly eventsOf: (fact: OrderFact, order: Order) => readonly OutboxEvent[];
}

const LINES_FROM = 1 + PLACED.length;
const UPDATES_FROM = LINES_FROM + LINES.length;

/**
 * Orders are placed in the order of their request keys, so that two nodes that are sent the same ones at once
 * wait for each other and never deadlock.
 */
const WRITE = versionedStatement(
  'order-write',
  `
  placed as (
    insert into trade_order (${namesOf(PLACED)})
    select ${namesOf(PLACED)} from ${unnest(PLACED, 1, 'p')} order by user_id, request_key
    on conflict do nothing returning order_id),
  lines as (
    insert into trade_order_goods (${namesOf(LINES)})
    select ${namesOf(LINES, 'l.')} from ${unnest(LINES, LINES_FROM, 'l')} join placed using (order_id)),
  updated as (
    update trade_order o set ${CHANGING.slice(1)
      .map(({ name }) => `${name} = u.${name}`)
      .join(', ')}
    from ${unnest(EXPECTED, UPDATES_FROM, 'u')}
    where o.order_id = u.order_id and o.version = u.expected_version and o.order_id = any($${UPDATES_FROM}::bigint[])
    returning o.order_id),
  changed as (select order_id as id from placed union all select order_id from updated)`,
  PLACED.length + LINES.length + EXPECTED.length,
);

export const createOrderStore = (parts: OrderStoreParts): Store<Order, OrderFact, StandingOrder> =>
  versionedStore<Order, OrderFact, StandingOrder>(parts, {
    statement: WRITE,
    changesOf: (changes) => rowsOf(changes, parts.shardOf),
    eventsOf: parts.eventsOf,
    keysOf: () => [],
    states: loadOrders,
    records: loadStanding,
  });

function rowsOf(changes: readonly Change<Order, OrderFact>[], shardOf: (id: string) => number): unknown[] {
  const placed: Placed[] = [];
  const lines: (Line & { orderId: string })[] = [];
  const updated: Updated[] = [];
  for (const { id, before, after } of changes) {
    if (before) {
      updated.push({ after, expectedVersion: before.version });
      continue;
    }
    placed.push({ after, shard: shardOf(id) });
    lines.push(...linesOf(after));
  }
  return [...arraysOf(PLACED, placed), ...arraysOf(LINES, lines), ...arraysOf(EXPECTED, updated)];
}
