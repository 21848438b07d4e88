// One side of the comparison: everything that writes and reads the shop's database, over one connection.
import { couponDecider } from '../../../actors/domain/coupon';
import type { Decider } from '../../../actors/domain/decision';
import { KINDS, type Kind } from '../../../actors/domain/envelope';
import { goodsDecider } from '../../../actors/domain/goods';
import type { JointStore } from '../../../actors/domain/joint';
import { orderDecider } from '../../../actors/domain/order';
import { payLogDecider } from '../../../actors/domain/pay-log';
import { paymentDecider } from '../../../actors/domain/payment';
import type { OutboxRow } from '../../../actors/domain/ports/outbox';
import type { Fate, Loaded, LoadRequest, Store, StoreEntry } from '../../../actors/domain/ports/store';
import { walletDecider } from '../../../actors/domain/wallet';
import { createDeadLetters } from '../../../persistence/dead-letters';
import { createInbox } from '../../../persistence/inbox';
import { createOrderIndex } from '../../../persistence/order-index';
import { createOutbox } from '../../../persistence/outbox';
import type { Queryable } from '../../../persistence/session';
import { isRefusedByDatabase } from '../../../persistence/sql-errors';
import { forEveryKind } from '../../../bin/compose-kinds';
import { composeStores } from '../../../bin/compose-stores';
import { systemClock } from '../../../bin/system-clock';
import { queueEvents } from '../../helpers/queued-events';
import type { MessageParts } from './message-calls';

/** Of any kind: the runs draw facts that fit. */
type AnyStore = Store<object, unknown, unknown>;
export type Entry = StoreEntry<object, unknown>;

export type JointStoreName = 'joint' | 'booking';
/** An order that is placed, or a payment that is booked, with its steps. */
export type AnyJoint = Entry & { readonly steps: readonly { readonly kind: Kind; readonly entry: Entry }[] };

export const DECIDERS = {
  order: orderDecider,
  payment: paymentDecider,
  goods: goodsDecider,
  coupon: couponDecider,
  wallet: walletDecider,
  'pay-log': payLogDecider,
} as unknown as Readonly<Record<Kind, Pick<Decider<object, never, unknown, never>, 'evolve'>>>;

const SHARDS = 3;

export class Side {
  /** The run's time. */
  now = '';
  /** The events that the last write told of. */
  events: readonly OutboxRow[] = [];
  readonly parts: MessageParts;
  private readonly stores: Readonly<Record<Kind, AnyStore>> &
    Readonly<Record<JointStoreName, JointStore<AnyJoint> | undefined>>;

  constructor(database: Queryable, outboxIds: () => Promise<readonly string[]>) {
    const stores = composeStores({
      clock: { ...systemClock, now: () => this.now },
      shards: SHARDS,
      confirmEvents: true,
      writers: forEveryKind(() => database),
      joint: { writer: database, kinds: KINDS },
      readers: forEveryKind(() => database),
      onEvents: (_kind, rows) => (this.events = rows),
      commits: { countWrites: (_kind, store) => store, countSagas: (store) => store },
    });
    this.stores = stores;
    this.parts = {
      inbox: createInbox(database),
      outbox: createOutbox(database),
      queue: (events, at) => queueEvents(database, events, at),
      letters: createDeadLetters(database),
      orderIndex: createOrderIndex(database),
      outboxIds,
    };
  }

  load(kind: Kind, requests: readonly LoadRequest[]): Promise<readonly Loaded<object, unknown>[]> {
    return this.stores[kind].load(requests);
  }

  conflictKeys(kind: Kind, entry: Entry): readonly string[] {
    return this.stores[kind].conflictKeys(entry);
  }

  /** @returns the fates and the events, or that it was refused: of which entry of several is the server's to choose */
  write(kind: Kind, entries: readonly Entry[]): Promise<unknown> {
    return this.outcomeOf(entries.length > 1, () => this.stores[kind].write(entries));
  }

  /** @see write; even one of them is in several tables */
  writeJoint(store: JointStoreName, joints: readonly AnyJoint[]): Promise<unknown> {
    return this.outcomeOf(true, () => this.stores[store]!.write(joints));
  }

  private async outcomeOf(isSeveral: boolean, write: () => Promise<readonly Fate[]>): Promise<unknown> {
    this.events = [];
    try {
      const fates = await write();
      return { fates, events: this.events.map(({ id: _id, ...row }) => row) };
    } catch (error) {
      const { code } = error as { code?: string };
      if (code === undefined) throw error;
      return { refused: isSeveral ? isRefusedByDatabase(error) : code };
    }
  }
}
