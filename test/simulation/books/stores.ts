// The real stores, and whatever else reads and writes the shop's database, over tables in memory.
import type { KindStores } from '../../../bin/compose-kinds';
import type { OutboxEvent } from '../../../actors/domain/events';
import type { Instant, Kind } from '../../../actors/domain/envelope';
import type { OrderFact } from '../../../actors/domain/order';
import type { Order } from '../../../actors/domain/order-state';
import type { DeadLetters, Inbox, OrderIndex, Outbox, OutboxRow } from '../../../actors/domain/ports';
import { createDeadLetters } from '../../../persistence/dead-letters';
import { createInbox } from '../../../persistence/inbox';
import { createOrderIndex } from '../../../persistence/order-index';
import { createOutbox } from '../../../persistence/outbox';
import { createCouponStore } from '../../../persistence/stores/coupon';
import { createGoodsStore } from '../../../persistence/stores/goods';
import { createOrderStore } from '../../../persistence/stores/order';
import { createPayLogStore } from '../../../persistence/stores/pay-log';
import { createPaymentStore } from '../../../persistence/stores/payment';
import { createWalletStore } from '../../../persistence/stores/wallet';
import { simulatedQueryable, type Ask } from './simulated-queryable';
import type { ShopTables } from './tables';

export interface SimulatedStoresParts {
  readonly tables: ShopTables;
  /** The connection that a kind writes through. */
  readonly writers: Readonly<Record<Kind, Ask>>;
  readonly readers: Readonly<Record<Kind, Ask>>;
  readonly now: () => Instant;
  readonly shardOf: (id: string) => number;
  readonly eventsOfOrder: (fact: OrderFact, order: Order) => readonly OutboxEvent[];
  /** Takes the events of a flush as soon as its answer is back. */
  readonly onEvents: (kind: 'order' | 'payment', rows: readonly OutboxRow[]) => void;
}

export function createSimulatedStores(parts: SimulatedStoresParts): KindStores {
  const { tables, now, shardOf, eventsOfOrder, onEvents } = parts;
  const of = (kind: Kind) => ({
    writer: simulatedQueryable(tables, parts.writers[kind]),
    reader: simulatedQueryable(tables, parts.readers[kind]),
    now,
  });
  const versioned = (kind: 'order' | 'payment') => ({
    ...of(kind),
    shardOf,
    onEvents: (rows: readonly OutboxRow[]) => onEvents(kind, rows),
  });
  return {
    order: createOrderStore({ ...versioned('order'), eventsOf: eventsOfOrder }),
    payment: createPaymentStore(versioned('payment')),
    goods: createGoodsStore(of('goods')),
    coupon: createCouponStore(of('coupon')),
    wallet: createWalletStore(of('wallet')),
    'pay-log': createPayLogStore(of('pay-log')),
  };
}

export const createSimulatedOutbox = (tables: ShopTables, ask: Ask): Outbox =>
  createOutbox(simulatedQueryable(tables, ask));

export const createSimulatedInbox = (tables: ShopTables, ask: Ask): Inbox =>
  createInbox(simulatedQueryable(tables, ask));

export const createSimulatedDeadLetters = (tables: ShopTables, ask: Ask): DeadLetters =>
  createDeadLetters(simulatedQueryable(tables, ask));

export const createSimulatedOrderIndex = (tables: ShopTables, ask: Ask): OrderIndex =>
  createOrderIndex(simulatedQueryable(tables, ask));
