// Each kind's parts: decider, store, group commit, loader and the region of its entities.
import type { ActorSystemRef } from 'nact';
import type { Logger } from 'pino';
import { couponDecider, type Coupon, type CouponFact, type CouponRecord } from '../actors/domain/coupon';
import type { Decider } from '../actors/domain/decision';
import { KINDS, type Kind } from '../actors/domain/envelope';
import type { Booking } from '../actors/domain/booking';
import type { Joined, JointCommitter, JointStore } from '../actors/domain/joint';
import { goodsDecider, type Goods, type GoodsFact, type GoodsRecord } from '../actors/domain/goods';
import { orderDecider, type OrderFact, type StandingOrder } from '../actors/domain/order';
import type { Order } from '../actors/domain/order-state';
import { payLogDecider, type PayLog, type PayLogged } from '../actors/domain/pay-log';
import {
  paymentDecider,
  type Payment,
  type PaymentFact,
  type RecordedTransaction,
} from '../actors/domain/payment';
import type { Clock } from '../actors/domain/ports/clock';
import type { Ownership } from '../actors/domain/ports/ownership';
import type { Deliver, Router } from '../actors/domain/ports/router';
import type { Store } from '../actors/domain/ports/store';
import { walletDecider, type Wallet, type WalletFact, type WalletRecord } from '../actors/domain/wallet';
import { BatchLoader } from '../persistence/batch-loader';
import { GroupCommit } from '../persistence/group-commit';
import { JointCommit } from '../persistence/joint-commit';
import { createJointBookings } from '../supervisors/joint-bookings';
import { createJointOrders } from '../supervisors/joint-orders';
import { createJointSteps } from '../supervisors/joint-steps';
import { shardOf } from '../supervisors/shard';
import { createShardRegion, type ShardRegion } from '../supervisors/shard-region';

/** What the kinds write. */
export interface KindStores {
  readonly order: Store<Order, OrderFact, StandingOrder>;
  readonly payment: Store<Payment, PaymentFact, RecordedTransaction>;
  readonly goods: Store<Goods, GoodsFact, GoodsRecord>;
  readonly coupon: Store<Coupon, CouponFact, CouponRecord>;
  readonly wallet: Store<Wallet, WalletFact, WalletRecord>;
  readonly 'pay-log': Store<PayLog, PayLogged, never>;
  /** Undefined where the kinds of an order have databases of their own. */
  readonly joint: JointStore | undefined;
  /** The same of those of a payment. */
  readonly booking: JointStore<Booking> | undefined;
  /** When a kind's store is to be asked for states. */
  readonly turnOf: (kind: Kind) => Promise<void>;
}

export interface KindsOptions {
  readonly system: ActorSystemRef;
  readonly ownership: Ownership;
  readonly router: Router;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly shards: number;
  readonly stores: KindStores;
  /** Hears of every command that a region had no place for. */
  readonly onBusy: () => void;
}

export interface Kinds {
  readonly of: Readonly<Record<Kind, KindParts>>;
  /** To whichever of this node's actors it is for. */
  readonly deliver: Deliver;
  /** Orders and payments that wait for a joint commit. */
  readonly jointDepth: () => number;
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
/** Measured: 4.5 KB a command if each is at an entity of its own, 1.2 KB at a hot one, 2.2 KB an idle entity. */
const MOST_IN_FLIGHT = 20_000;
const MOST_PER_ENTITY = 10_000;
const MOST_IDLE = 20_000;
/**
 * Goods and wallets are asked for again and again. The others are rarely asked for once they are done, a payment by the groups
 * that hear of it at once; and what is forgotten soon is cheap to forget: it never grows old in the garbage collector's eyes.
 */
const IDLE_MS: Readonly<Record<Kind, number>> = {
  order: 50,
  payment: 50,
  'pay-log': 50,
  goods: 60_000,
  coupon: 50,
  wallet: 60_000,
};

export function composeKinds(options: KindsOptions): Kinds {
  const { stores } = options;
  const of = {
    order: composeKind(options, 'order', orderDecider, stores.order),
    payment: composeKind(options, 'payment', paymentDecider, stores.payment),
    goods: composeKind(options, 'goods', goodsDecider, stores.goods),
    coupon: composeKind(options, 'coupon', couponDecider, stores.coupon),
    wallet: composeKind(options, 'wallet', walletDecider, stores.wallet),
    'pay-log': composeKind(options, 'pay-log', payLogDecider, stores['pay-log']),
  };
  const regions = forEveryKind((kind) => of[kind].region);
  const { ownership, clock, shards } = options;
  const jointCommit = <Whole extends Joined>(kind: Kind, store: JointStore<Whole>) =>
    new JointCommit(store, clock, {
      kind,
      batchSize: BATCH_SIZE,
      termOf: (of, id) => ownership.termOf(of, shardOf(id, shards)),
    });
  const orders = stores.joint && jointCommit('order', stores.joint);
  const bookings = stores.booking && jointCommit('payment', stores.booking);
  const placing = (committer: JointCommitter) => {
    const steps = createJointSteps({ regions, committer, clock });
    const order = createJointOrders({ regions, committer, clock, shards });
    return { order, goods: steps, wallet: steps, coupon: steps };
  };
  const delivers: Readonly<Record<Kind, Deliver>> = {
    ...forEveryKind((kind) => regions[kind].deliver),
    ...(orders && placing(orders)),
    ...(bookings && {
      payment: createJointBookings({ regions, committer: bookings, clock, shards }),
    }),
  };
  return {
    of,
    deliver: (envelope, reply) => delivers[envelope.kind](envelope, reply),
    jointDepth: () => (orders?.depth ?? 0) + (bookings?.depth ?? 0),
  };
}

function composeKind<State, Command extends { type: string }, Fact, Recorded>(
  options: KindsOptions,
  kind: Kind,
  decider: Decider<State, Command, Fact, Recorded>,
  store: Store<State, Fact, Recorded>,
): KindParts {
  const { system, ownership, router, clock, shards, stores, onBusy } = options;
  const committer = new GroupCommit(store, clock, {
    batchSize: BATCH_SIZE,
    freshForMs: FRESH_FOR_MS,
    termOf: (id) => ownership.termOf(kind, shardOf(id, shards)),
    isProven: () => ownership.isProven(kind),
  });
  const loader = new BatchLoader(store, () => stores.turnOf(kind));
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
      onBusy,
    },
    { decider, committer, loader },
  );
  return { region, commitDepth: () => committer.depth };
}

/** The same for every kind. */
export const forEveryKind = <Value>(make: (kind: Kind) => Value): Readonly<Record<Kind, Value>> =>
  Object.fromEntries(KINDS.map((kind) => [kind, make(kind)])) as Record<Kind, Value>;
