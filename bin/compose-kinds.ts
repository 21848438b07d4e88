// One kind's parts: decider, store, group commit, loader and the region of its entities.
import type { ActorSystemRef } from 'nact';
import type { Logger } from 'pino';
import { couponDecider } from '../actors/domain/coupon';
import type { Decider } from '../actors/domain/decision';
import { KINDS, type Kind } from '../actors/domain/envelope';
import { goodsDecider } from '../actors/domain/goods';
import { orderDecider } from '../actors/domain/order';
import { eventsOfOrder } from '../actors/domain/order-events';
import { payLogDecider } from '../actors/domain/pay-log';
import { paymentDecider } from '../actors/domain/payment';
import type { Clock, OutboxRow, Ownership, Router, Store } from '../actors/domain/ports';
import { walletDecider } from '../actors/domain/wallet';
import { BatchLoader } from '../persistence/batch-loader';
import { GroupCommit } from '../persistence/group-commit';
import type { Queryable } from '../persistence/session';
import { createCouponStore } from '../persistence/stores/coupon';
import { createGoodsStore } from '../persistence/stores/goods';
import { createOrderStore } from '../persistence/stores/order';
import { createPayLogStore } from '../persistence/stores/pay-log';
import { createPaymentStore } from '../persistence/stores/payment';
import { createWalletStore } from '../persistence/stores/wallet';
import { shardOf } from '../supervisors/shard';
import { createShardRegion, type ShardRegion } from '../supervisors/shard-region';
import type { CommitMetrics } from './metrics/commit-metrics';

export interface KindsOptions {
  readonly system: ActorSystemRef;
  readonly ownership: Ownership;
  readonly router: Router;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly shards: number;
  readonly confirmEvents: boolean;
  /** The connection that a kind writes through, which holds its locks. */
  readonly writers: Readonly<Record<Kind, Queryable>>;
  readonly readers: Readonly<Record<Kind, Queryable>>;
  /** Takes the events of a flush as soon as it is committed. */
  readonly onEvents: (kind: Kind, rows: readonly OutboxRow[]) => void;
  readonly commits: CommitMetrics;
}

export interface KindParts {
  readonly region: ShardRegion;
  /** Entries that wait for a commit. */
  readonly commitDepth: () => number;
}

/** Entries of one flush at most: larger ones gain nothing more and make the others wait. */
const BATCH_SIZE = 256;
/** A flush that began this long ago proves nothing of the locks any more (R7); nobody is fenced as soon as that. */
const FRESH_FOR_MS = 2_000;
/** Measured: 4.5 KB a command if each is at an entity of its own, 1.2 KB at a hot one, 3.2 KB an idle entity. */
const MOST_IN_FLIGHT = 20_000;
const MOST_PER_ENTITY = 10_000;
const MOST_IDLE = 20_000;
/** An ended order is rarely asked for again; goods, wallets and coupons are. */
const IDLE_MS: Readonly<Record<Kind, number>> = {
  order: 5_000,
  payment: 5_000,
  'pay-log': 2_000,
  goods: 60_000,
  coupon: 10_000,
  wallet: 60_000,
};

export function composeKinds(options: KindsOptions): Readonly<Record<Kind, KindParts>> {
  const { clock, shards } = options;
  const now = (): string => clock.now();
  const of = (kind: Kind) => ({ writer: options.writers[kind], reader: options.readers[kind], now });
  const sharded = (kind: Kind) => ({
    ...of(kind),
    shardOf: (id: string) => shardOf(id, shards),
    onEvents: (rows: readonly OutboxRow[]) => options.onEvents(kind, rows),
  });
  const orderStore = createOrderStore({
    ...sharded('order'),
    eventsOf: (fact, order) => eventsOfOrder(fact, order, options.confirmEvents),
  });
  const parts: Record<Kind, KindParts> = {
    order: composeKind(options, 'order', orderDecider, options.commits.countSagas(orderStore)),
    payment: composeKind(options, 'payment', paymentDecider, createPaymentStore(sharded('payment'))),
    goods: composeKind(options, 'goods', goodsDecider, createGoodsStore(of('goods'))),
    coupon: composeKind(options, 'coupon', couponDecider, createCouponStore(of('coupon'))),
    wallet: composeKind(options, 'wallet', walletDecider, createWalletStore(of('wallet'))),
    'pay-log': composeKind(options, 'pay-log', payLogDecider, createPayLogStore(of('pay-log'))),
  };
  return parts;
}

function composeKind<State, Command extends { type: string }, Fact, Recorded>(
  options: KindsOptions,
  kind: Kind,
  decider: Decider<State, Command, Fact, Recorded>,
  uncounted: Store<State, Fact, Recorded>,
): KindParts {
  const { system, ownership, router, clock, shards } = options;
  const store = options.commits.countWrites(kind, uncounted);
  const committer = new GroupCommit(store, clock, {
    batchSize: BATCH_SIZE,
    freshForMs: FRESH_FOR_MS,
    termOf: (id) => ownership.termOf(kind, shardOf(id, shards)),
    isProven: () => ownership.isProven(kind),
  });
  const loader = new BatchLoader(store);
  const region = createShardRegion(
    {
      kind,
      system,
      ownership,
      router,
      clock,
      logger: options.logger.child({ kind }),
      idleMs: IDLE_MS[kind],
      mostInFlight: MOST_IN_FLIGHT,
      mostPerEntity: MOST_PER_ENTITY,
      mostIdle: MOST_IDLE,
    },
    { decider, committer, loader },
  );
  return { region, commitDepth: () => committer.depth };
}

/** The same for every kind. */
export const forEveryKind = <Value>(make: (kind: Kind) => Value): Readonly<Record<Kind, Value>> =>
  Object.fromEntries(KINDS.map((kind) => [kind, make(kind)])) as Record<Kind, Value>;
