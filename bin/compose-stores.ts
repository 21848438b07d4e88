// The stores of all kinds in SQL: each writes through the connection that holds its kind's locks.
import { BOOKING_KINDS } from '../actors/domain/booking';
import type { Kind } from '../actors/domain/envelope';
import { eventsOfOrder } from '../actors/domain/order-events';
import type { Clock } from '../actors/domain/ports/clock';
import type { OutboxRow } from '../actors/domain/ports/outbox';
import type { Queryable } from '../persistence/session';
import { SharedReads } from '../persistence/shared-reads';
import { createBookingStore } from '../persistence/stores/booking';
import { createCouponStore } from '../persistence/stores/coupon';
import { createGoodsStore } from '../persistence/stores/goods';
import { createJointStore } from '../persistence/stores/joint';
import { createOrderStore, type OrderStoreParts } from '../persistence/stores/order';
import { createPayLogStore } from '../persistence/stores/pay-log';
import { createPaymentStore } from '../persistence/stores/payment';
import { createWalletStore } from '../persistence/stores/wallet';
import { shardOf } from '../supervisors/shard';
import { forEveryKind, type KindStores } from './compose-kinds';
import type { CommitMetrics } from './metrics/commit-metrics';

export interface StoresOptions {
  readonly clock: Pick<Clock, 'now' | 'later'>;
  readonly shards: number;
  readonly confirmEvents: boolean;
  /** The connection that a kind writes through, which holds its locks. */
  readonly writers: Readonly<Record<Kind, Queryable>>;
  /** What writes joint commits, and for which kinds; undefined: there are none. */
  readonly joint: { readonly writer: Queryable; readonly kinds: readonly Kind[] } | undefined;
  readonly readers: Readonly<Record<Kind, Queryable>>;
  /** Takes the events of a flush as soon as it is committed, and whether their groups are done with them already. */
  readonly onEvents: (kind: Kind, rows: readonly OutboxRow[], areDone: boolean) => void;
  readonly commits: CommitMetrics;
}

export function composeStores(options: StoresOptions): KindStores {
  const { clock, shards, commits } = options;
  const now = (): string => clock.now();
  const reads = sharedReads(options.readers, clock);
  const of = (kind: Kind) => ({ writer: options.writers[kind], reader: reads[kind], now });
  const sharded = (kind: Kind) => ({
    ...of(kind),
    shardOf: (id: string) => shardOf(id, shards),
    onEvents: (rows: readonly OutboxRow[]) => options.onEvents(kind, rows, false),
  });
  const orderParts: OrderStoreParts = {
    ...sharded('order'),
    eventsOf: (fact, order) => eventsOfOrder(fact, order, options.confirmEvents),
  };
  const { joint } = options;
  return {
    order: commits.countWrites('order', commits.countSagas(createOrderStore(orderParts))),
    payment: commits.countWrites('payment', createPaymentStore(sharded('payment'))),
    goods: commits.countWrites('goods', createGoodsStore(of('goods'))),
    coupon: commits.countWrites('coupon', createCouponStore(of('coupon'))),
    wallet: commits.countWrites('wallet', createWalletStore(of('wallet'))),
    'pay-log': commits.countWrites('pay-log', createPayLogStore(of('pay-log'))),
    joint:
      joint &&
      commits.countWrites(
        'joint',
        commits.countSagas(createJointStore({ ...orderParts, writer: joint.writer })),
      ),
    booking:
      joint && BOOKING_KINDS.every((kind) => joint.kinds.includes(kind))
        ? commits.countWrites(
            'booking',
            createBookingStore({
              writer: joint.writer,
              now,
              onEvents: (rows) => options.onEvents('payment', rows, true),
            }),
          )
        : undefined,
    turnOf: (kind) => reads[kind].turn(),
  };
}

/** One a database: its kinds load together. */
function sharedReads(
  readers: Readonly<Record<Kind, Queryable>>,
  clock: Pick<Clock, 'later'>,
): Readonly<Record<Kind, SharedReads>> {
  const shared = new Map(
    [...new Set(Object.values(readers))].map((reader) => [reader, new SharedReads(reader, clock)]),
  );
  return forEveryKind((kind) => shared.get(readers[kind]) as SharedReads);
}
