// What the actors need of the outside. Transport and persistence implement these; bin/compose.ts joins them.
import type { Address, Answer, Envelope, InboxClaim, Instant, Kind } from './envelope';
import type { GroupName, OutboxEvent, Stream, Tag } from './events';
import type { GoodsId, OrderId, PayId } from './ids';
import type { Money } from './money';

export interface Clock {
  now(): Instant;
  /** The same moment in milliseconds since 1970. */
  nowMs(): number;
  /**
   * Milliseconds that only ever go forward, from some beginning, whatever is done to the time of day: for measuring how
   * long things take.
   */
  monotonicMs(): number;
  /** @returns a function that calls it off */
  later(afterMs: number, run: () => void): () => void;
}

export interface IdSource {
  /** A new snowflake id (R17). @throws RetryableError while no worker number is leased */
  next(): string;
}

/** Ids of orders that are about to be placed. */
export interface OrderIds {
  /** @param needs whom the order will ask @throws RetryableError while no worker number is leased */
  next(needs: readonly Address[]): OrderId;
}

/** What an entity asks its store for: its state and, with a key, the ledger row of that key. */
export interface LoadRequest {
  readonly id: string;
  readonly recordKey?: string;
}

export interface Loaded<State, Recorded> {
  readonly state: State | undefined;
  readonly recorded: Recorded | undefined;
}

/** One decision's facts on their way into a commit. */
export interface StoreEntry<State, Fact> {
  readonly id: string;
  readonly facts: readonly Fact[];
  readonly before: State | undefined;
  readonly after: State | undefined;
  readonly inbox?: InboxClaim | undefined;
}

/**
 * What became of an entry (R3): `applied`; `stale`, applied, but the database holds other figures than the
 * actor believes, so it must read anew; `conflict`, not applied: read anew and decide again.
 */
export type Fate = 'applied' | 'stale' | 'conflict';

export interface Store<State, Fact, Recorded> {
  load(requests: readonly LoadRequest[]): Promise<readonly Loaded<State, Recorded>[]>;
  /**
   * Writes all entries in one statement and tells the fate of each.
   * Entries of one batch never share a conflict key (R5); an empty batch only proves that the connection
   * and its locks still hold (R7).
   */
  write(entries: readonly StoreEntry<State, Fact>[]): Promise<readonly Fate[]>;
  /** Entries with a key in common may not be in one statement (R5). */
  conflictKeys(entry: StoreEntry<State, Fact>): readonly string[];
}

/** What became of a staged entry: its fate, or why it has none. */
export type Settlement =
  | { readonly settled: Fate }
  /** An earlier entry of its entity was not applied as believed: decide again from what is loaded anew (R6). */
  | { readonly settled: 'withdrawn' }
  /** The database is away, or its lock is lost: nothing is known, so ask again as a repeat. */
  | { readonly settled: 'unavailable' }
  /** The database refuses this entry even alone. */
  | { readonly settled: 'poisoned'; readonly message: string };

/** The group commit of one kind: what arrives while a flush is under way forms the next batch. */
export interface Committer<State, Fact> {
  /** Calls back once the flush that holds the entry has ended, in the order of staging for each entity. */
  stage(entry: StoreEntry<State, Fact>, done: (settlement: Settlement) => void): void;
  /** Whether a flush went through so recently that the shards' locks must still hold (R7). */
  isFresh(): boolean;
}

/** Loads of states, batched like the commits. */
export interface Loader<State, Recorded> {
  load(requests: readonly LoadRequest[]): Promise<readonly Loaded<State, Recorded>[]>;
}

/** The way to the actors: by kind and shard, wherever they live. */
export interface Router {
  /**
   * Sends a command to its actor and returns the answer. Sends again while nobody owns the shard, or its
   * owner is moving, busy or without database, until the deadline (R10).
   */
  ask(
    command: Omit<Envelope, 'shard'>,
    options?: { deadlineMs?: number; timeoutMs?: number },
  ): Promise<Answer>;
}

/** Gives an envelope to a node's own actors; `reply` is called once, perhaps before this returns. */
export type Deliver = (envelope: Envelope, reply: (answer: Answer) => void) => void;

/** What a stream delivers to a group. */
export interface Delivery {
  readonly messageId: string;
  readonly tag: string;
  /** The body as text; bytes that are no UTF-8 are replaced. */
  readonly body: string;
  readonly redelivered: boolean;
  /** Tells the broker that the work goes on. */
  stillWorking(): void;
}

/** `done`: never again. `again`: deliver once more after this long. */
export type DeliveryVerdict =
  { readonly verdict: 'done' } | { readonly verdict: 'again'; readonly afterMs: number };

export interface Consumption {
  stop(): Promise<void>;
}

/** A message to publish. The id makes a repeat within the broker's window harmless. */
export interface Publication {
  readonly stream: Stream;
  readonly tag: Tag;
  readonly messageId: string;
  readonly body: string;
}

/**
 * Why a request got no answer. `no-responders` and `too-large` were not delivered; `disconnected` and `timeout`
 * may have been, so sending again is a repeat.
 */
export class TransportError extends Error {
  constructor(
    readonly reason: 'no-responders' | 'timeout' | 'disconnected' | 'too-large',
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = 'TransportError';
  }
}

export interface Transport {
  /** Sends one envelope to a node; what one tick sends to one node travels as one message. @throws TransportError */
  send(node: string, envelope: Envelope, timeoutMs: number): Promise<Answer>;
  /** Takes the envelopes that are sent to this node. Called once. */
  receive(node: string, handler: (envelope: Envelope) => Promise<Answer>): Promise<void>;

  /** Serves a front-door subject (`trade.order.place`); requests and replies are JSON text. */
  serve(subject: string, handler: (body: string, trace?: string) => Promise<string>): Promise<void>;
  /** Asks a front-door subject. @throws TransportError */
  request(subject: string, body: string, timeoutMs: number): Promise<string>;

  /** Makes the streams and groups that are not there. */
  ensureStreams(): Promise<void>;
  /** Resolves when the broker has it (in-process: when every group is done with it). @throws TransportError */
  publish(publication: Publication): Promise<void>;
  /** Starts to consume for a group; at most `concurrency` deliveries are under way at once. */
  consume(
    group: GroupName,
    concurrency: number,
    handler: (delivery: Delivery) => Promise<DeliveryVerdict>,
  ): Promise<Consumption>;

  /** Messages that a group was not given yet, or is not done with. @throws TransportError */
  outstanding(group: GroupName): Promise<number>;

  /** Called when streams were found gone and made anew: all that is kept must go out again (R12). */
  onStreamsLost(listener: () => void): void;

  /** Tells every node of the deployment, this one too. Nobody answers; what cannot be sent now is dropped. */
  broadcast(message: string): void;
  /** Hears what is broadcast. Called once. */
  onBroadcast(listener: (message: string) => void): Promise<void>;
  /** Ends what waits for answers of a node that is gone; whether it was done is unknown. */
  giveUpOn(node: string): void;

  /** Called after every reconnect. */
  onReconnect(listener: () => void): void;
  isConnected(): boolean;
  /** Stops taking, lets what is under way end within the time, and closes. */
  close(withinMs: number): Promise<void>;
}

export interface OutboxRow {
  readonly id: string;
  readonly event: OutboxEvent;
  readonly createTime: Instant;
  /** It was sent once and is to go out again: not sent, but with a time of sending. */
  readonly replayed: boolean;
}

/** A row that was sent, and is kept until every group is done with its event. */
export interface SentRow extends OutboxRow {
  readonly sentTime: Instant;
}

export interface Outbox {
  /** Rows not sent yet and older than the given moment, oldest first. */
  unsent(before: Instant, limit: number): Promise<readonly OutboxRow[]>;
  /** Rows that were sent and are still kept, by id, from the one after this (R12). */
  sent(after: string, limit: number): Promise<readonly SentRow[]>;
  markSent(ids: readonly string[], at: Instant): Promise<void>;
  /** Sent rows for their groups to be asked about, from where the call before ended; after the last the first follow again. */
  toSettle(limit: number): Promise<readonly SentRow[]>;
  /** Marks sent rows as not sent, so that they go out again, as events that the broker takes for no repeat. */
  sendAgain(ids: readonly string[]): Promise<void>;
  remove(ids: readonly string[]): Promise<void>;
  /** Marks sent rows of this topic (of one key, if given) as not sent, so that they go out again. @returns how many */
  replay(topic: Stream, key?: string): Promise<number>;
  counts(): Promise<{
    readonly unsent: number;
    readonly sent: number;
    readonly oldestUnsent: Instant | undefined;
  }>;
}

export interface ConsumptionKey {
  readonly group: string;
  readonly tag: string;
  readonly key: string;
}

export type ConsumptionState = 'running' | 'done' | 'parked';

export interface Inbox {
  /**
   * Commits that one more attempt begins, before it is tried (R11).
   * @returns its number; `over` if the event is done or parked; `busy` while an attempt of another copy is under way
   */
  claim(claim: InboxClaim, at: Instant): Promise<number | 'over' | 'busy'>;
  /** Says that the attempt that `claim` counted is still under way, which it counts as for 15 s. */
  keep(key: ConsumptionKey, at: Instant): Promise<void>;
  /** Takes back the attempt that `claim` counted: it had to wait and burns none (R10). */
  unclaim(key: ConsumptionKey): Promise<void>;
  /** Records a failed attempt; the third parks the event. @returns attempts so far */
  fail(claim: InboxClaim, attempt: number, remark: string, at: Instant): Promise<number>;
  /** Parks at once: it will not get better by trying. */
  park(claim: InboxClaim, remark: string, at: Instant): Promise<void>;
  /** Records that this group is done with an event that has no effect of its own. */
  finish(claim: InboxClaim, at: Instant): Promise<void>;
  /** Forgets what was counted for an event that has no effect after all; what is done or parked stays. */
  withdraw(key: ConsumptionKey): Promise<void>;
  /** Where these stand; what is not listed has not begun. */
  states(group: string, tag: string, keys: readonly string[]): Promise<ReadonlyMap<string, ConsumptionState>>;
}

export interface DeadLetter {
  readonly group: string;
  readonly tag: string;
  readonly key: string;
  readonly body: string;
  readonly attempts: number;
  readonly remark: string;
  readonly time: Instant;
}

/** An event that is neither done nor given up: it failed and comes again, or is being tried, or was re-driven. */
export interface RetriedEvent extends DeadLetter {
  /** Not before then; undefined: as soon as it is delivered. */
  readonly nextTime: Instant | undefined;
}

export interface DeadLetters {
  list(limit: number, after?: string): Promise<readonly DeadLetter[]>;
  /** What is tried again by itself. */
  retrying(limit: number, after?: string): Promise<readonly RetriedEvent[]>;
  /** Counts from nothing again and queues the event once more, in one commit. @returns how many were re-driven */
  redrive(which: Partial<ConsumptionKey>, at: Instant): Promise<number>;
  count(): Promise<{ readonly parked: number; readonly retrying: number }>;
}

/** Which node has which shard, and what this node holds. */
export interface Ownership {
  /** The node to send a shard's commands to; undefined while there is none. */
  ownerOf(kind: Kind, shard: number): string | undefined;
  /** Whether a node was heard of so lately that its silence means something (R10). */
  isAlive(node: string): boolean;
  /** Takes note that a node could not be reached: until it is heard of again it counts as dead. */
  doubt(node: string): void;
  /** Whether this node holds the shard's lock on the connection that it writes through. */
  holds(kind: Kind, shard: number): boolean;
  /** Whether it also takes commands from outside: not while it hands the shard over. */
  takes(kind: Kind, shard: number): boolean;
  /** Counts how often this node got the shard; undefined while it does not hold it. */
  termOf(kind: Kind, shard: number): number | undefined;
  /** Whether this node's sign of life in the kind's database is so fresh that nobody may have fenced it (R7, R9). */
  isProven(kind: Kind): boolean;
  /** Called with shards that were lost or handed over: forget every actor of them. */
  onLost(listener: (kind: Kind, shards: readonly number[]) => void): void;
  /** Called with shards that are held from now on: resume what is half-way. */
  onGained(listener: (kind: Kind, shards: readonly number[]) => void): void;
}

/** The locks of one kind's shards, on the connection that writes for it (R9). */
export interface ShardLocks {
  /** @returns those of the shards that are locked from now on; never called for one that is locked already */
  take(shards: readonly number[]): Promise<readonly number[]>;
  /** Unlocks after everything that was sent on the connection before. */
  release(shards: readonly number[]): Promise<void>;
  /**
   * Ends the connections that hold these shards for nodes whose sign of life in the database is stale.
   * @param spared incarnations of nodes that were heard of and claim to work
   * @returns the nodes whose connections were ended
   */
  fence(shards: readonly number[], spared: readonly string[]): Promise<readonly string[]>;
  /** Drops the connection with all that it holds, without a word to a server that may not be there. */
  drop(): void;
}

/** A node as it is known to others: of one name there is one at a time, and each start is an incarnation. */
export interface NodeIdentity {
  readonly name: string;
  readonly incarnation: string;
  readonly startedMs: number;
  /** Of its HTTP bridge, for people. */
  readonly url: string;
}

/** This node's sign of life in one database: the second witness of the fence (R9). */
export interface NodeRow {
  /** Writes it. @throws if the database is away */
  beat(): Promise<void>;
  /** Takes it away: the node stops. */
  leave(): Promise<void>;
  /** Drops the connection that it is written on. */
  drop(): void;
}

/** An order of whose give-backs one was given up. */
export interface FailedCompensation {
  readonly orderId: OrderId;
  readonly goodsIds: readonly GoodsId[];
}

export interface OrderPage {
  /** From the order after this. */
  readonly after: string;
  readonly limit: number;
}

export interface UnfinishedOrder {
  readonly orderId: OrderId;
  /** The round that it is in, as far as that is committed. */
  readonly attempts: number;
}

export interface ExpiredOrder {
  readonly orderId: OrderId;
  readonly payId: PayId | undefined;
}

/** Finds what must be resumed, or ended by time or after all. */
export interface OrderIndex {
  /** Orders of these shards that are still in status 0 and whose next attempt is due before the shard's moment, by id. */
  unfinished(due: ReadonlyMap<number, Instant>, page: OrderPage): Promise<readonly UnfinishedOrder[]>;
  /**
   * Confirmed and unpaid orders of these shards whose time is over, by id.
   * @param paying those that have an open payment, or those that have none
   */
  expired(
    shards: readonly number[],
    now: Instant,
    paying: boolean,
    page: OrderPage,
  ): Promise<readonly ExpiredOrder[]>;
  /** Orders whose compensation has failed, by id, from the one after this. */
  failedCompensations(after: string, limit: number): Promise<readonly FailedCompensation[]>;
}

/** A payment at a third-party platform. */
export interface GatewayPayment {
  readonly payId: PayId;
  readonly orderId: OrderId;
  readonly amount: Money;
}

/** What a platform said of money that arrived, after its signature was verified. */
export interface GatewayNotice {
  readonly payId: PayId;
  readonly isPaid: boolean;
  readonly amount: Money;
  readonly transactionId: string;
  readonly orderId?: OrderId;
}

/**
 * A third-party payment platform. All calls may be repeated, and end within seconds: they throw RetryableError when it is
 * away or silent.
 */
export interface PaymentGateway {
  readonly provider: string;
  /** The literal that tells the platform to stop calling back. */
  readonly successLiteral: string;
  /** Makes the payment at the platform, once per payId. */
  create(payment: GatewayPayment): Promise<{ readonly payUrl: string }>;
  /**
   * Reads a callback.
   * @returns undefined if the signature over the raw body is not the platform's
   * @throws TerminalError if the platform did sign it and it cannot be read: trying again will not help
   */
  verify(rawBody: Uint8Array, signature: string | undefined): Promise<GatewayNotice | undefined>;
  /** Asks what became of a payment and, if it is unpaid and `close` is set, closes it. */
  query(payId: PayId, options: { readonly close: boolean }): Promise<GatewayPaymentState>;
  /** Sends money back, once per transaction id. @throws TerminalError if the platform refuses for good */
  refund(refund: {
    readonly payId: PayId;
    readonly transactionId: string;
    readonly amount: Money;
  }): Promise<void>;
}

export type GatewayPaymentState =
  | { readonly state: 'open' | 'closed' | 'unknown' }
  | { readonly state: 'paid'; readonly notices: readonly GatewayNotice[] };
