// The nodes share the shards: each takes what the map gives it, and hands over what the map gives to others. One
// node alone has them all. Safety is the locks' and the ledgers' (promise 2); this is for speed and for going on.
import { KINDS, type Kind } from '../actors/domain/envelope';
import { pause } from '../actors/domain/pause';
import type { Ownership, ShardLocks } from '../actors/domain/ports/ownership';
import type { OwnReport } from './belonging';
import { Membership, type MembershipOptions } from './membership';
import { ShardHolder } from './shard-holder';
import { assignShards } from './shard-map';
import type { SignOfLife } from './sign-of-life';

export interface SharedOwnershipOptions extends Omit<MembershipOptions, 'report' | 'onChange'> {
  /** Whether others may be there: to be listened for and, if they fall silent, to be fenced (R9). */
  readonly mayHaveOthers: boolean;
}

/** What holds a kind's shards, once there are connections. */
export interface KindGrounds {
  readonly locks: ShardLocks;
  /** Undefined where nobody else can be: the embedded database. */
  readonly sign: SignOfLife | undefined;
  readonly busy: (shards: readonly number[]) => ReadonlySet<number>;
}

type ShardListener = (kind: Kind, shards: readonly number[]) => void;

/** A new node listens for this long before it does anything, so that everybody is heard once. */
const LISTEN_MS = 700;
const LOOK_EVERY_MS = 1_000;
/** What somebody else still holds is tried again after this long. */
const TRY_AGAIN_MS = 150;
const FENCE_EVERY_MS = 300;
/** Nodes that are told to stop in the same moment have heard of each other by then. */
const TOGETHER_MS = 50;
/** A connection that is made again within this time keeps its node in the kind's share. */
const AWAY_AFTER_MS = 2_000;
/** Even the shards of a node that hangs are taken over by then. */
const ORPHANED_AFTER_MS = 10_000;

interface KindState {
  readonly grounds: KindGrounds;
  readonly holder: ShardHolder;
  lastFence: number;
}

export class SharedOwnership implements Ownership {
  private readonly membership: Membership;
  private readonly kinds = new Map<Kind, KindState>();
  /** When the connection of a kind went; a kind that is not in it has one. */
  private readonly connectionLostAt = new Map<Kind, number>();
  /** When every shard of a kind was last seen to have an owner. */
  private readonly ownedAt = new Map<Kind, number>();
  private readonly maps = new Map<string, readonly (string | undefined)[]>();
  private readonly lostListeners: ShardListener[] = [];
  private readonly gainedListeners: ShardListener[] = [];
  private state: OwnReport['state'] = 'joining';
  private callOff: () => void = () => undefined;
  private isWoken = false;

  constructor(private readonly options: SharedOwnershipOptions) {
    this.membership = new Membership({
      ...options,
      report: () => this.report(),
      onChange: () => this.wake(),
    });
  }

  /** @see Membership.join */
  join(): Promise<void> {
    return this.membership.join(this.options.mayHaveOthers ? LISTEN_MS : 0);
  }

  /** Takes part from now on. Commands to this node must be heard before. */
  start(groundsOf: (kind: Kind) => KindGrounds): void {
    const { clock, logger } = this.options;
    for (const kind of KINDS) {
      const grounds = groundsOf(kind);
      const holder = new ShardHolder({
        kind,
        locks: grounds.locks,
        clock,
        logger,
        busy: grounds.busy,
        onGained: (shards) => this.moved(this.gainedListeners, kind, shards),
        onLost: (shards) => this.moved(this.lostListeners, kind, shards),
      });
      this.kinds.set(kind, { grounds, holder, lastFence: 0 });
    }
    this.state = 'up';
    this.membership.announce();
    this.look();
  }

  /**
   * Hands all shards over to those that are up, who take them while this node still answers. If nobody is, they stay
   * among those that leave: what is under way there needs them.
   */
  async leave(): Promise<void> {
    if (this.state !== 'up') return;
    this.state = 'leaving';
    this.membership.announce();
    if (this.membership.takesPart()) return;
    await pause(this.options.clock, TOGETHER_MS);
    if (!this.membership.takesPart()) await this.handOverAll();
  }

  /** Nothing is under way here any more: hands over whatever is left, to whoever still has something. */
  async finish(): Promise<void> {
    if (this.state === 'joining') return;
    this.state = 'done';
    await this.handOverAll();
  }

  stop(): void {
    this.callOff();
    this.state = 'left';
    this.membership.leave();
  }

  sessionReady(kind: Kind): void {
    this.connectionLostAt.delete(kind);
    this.wake();
  }

  sessionLost(kind: Kind): void {
    this.connectionLostAt.set(kind, this.options.clock.monotonicMs());
    this.kinds.get(kind)?.holder.lost();
  }

  ownerOf(kind: Kind, shard: number): string | undefined {
    return this.membership.ownerOf(kind, shard);
  }

  isAlive(node: string): boolean {
    return this.membership.isAlive(node);
  }

  doubt(node: string): void {
    this.membership.doubt(node);
  }

  holds(kind: Kind, shard: number): boolean {
    return this.termOf(kind, shard) !== undefined;
  }

  takes(kind: Kind, shard: number): boolean {
    return this.kinds.get(kind)?.holder.takes(shard) ?? false;
  }

  termOf(kind: Kind, shard: number): number | undefined {
    return this.kinds.get(kind)?.holder.termOf(shard);
  }

  isProven(kind: Kind): boolean {
    const state = this.kinds.get(kind);
    return state !== undefined && (state.grounds.sign?.isProven() ?? true);
  }

  onLost(listener: ShardListener): void {
    this.lostListeners.push(listener);
  }

  onGained(listener: ShardListener): void {
    this.gainedListeners.push(listener);
  }

  get isLeaving(): boolean {
    return this.state !== 'joining' && this.state !== 'up';
  }

  /** Whether others could take what this node hands over. */
  hasOthers(): boolean {
    return this.membership.hasOthers();
  }

  /** How many nodes are up, this one included. */
  nodes(): number {
    return this.membership.countUp();
  }

  /** How many shards of a kind nobody holds, as far as is known here. */
  unowned(kind: Kind): number {
    return this.membership.unowned(kind);
  }

  /**
   * Whether shards of a kind have been nobody's for longer than a take-over needs: until then whoever asks for one
   * waits a little, and is served.
   */
  isOrphaned(kind: Kind): boolean {
    if (this.unowned(kind) === 0) return false;
    const since = this.ownedAt.get(kind) ?? Number.NEGATIVE_INFINITY;
    return this.options.clock.monotonicMs() - since > ORPHANED_AFTER_MS;
  }

  /** Whether this node has a connection to write for a kind. */
  isConnected(kind: Kind): boolean {
    return !this.connectionLostAt.has(kind);
  }

  /** How many shards of a kind this node holds. */
  held(kind: Kind): number {
    return this.kinds.get(kind)?.holder.shards.length ?? 0;
  }

  private async handOverAll(): Promise<void> {
    this.membership.announce();
    await Promise.all([...this.kinds.values()].map(({ holder }) => holder.handOverAll()));
    this.membership.announce();
  }

  private report(): OwnReport {
    const holds = Object.fromEntries([...this.kinds].map(([kind, { holder }]) => [kind, holder.shards]));
    return { state: this.state, away: KINDS.filter((kind) => this.isAway(kind)), holds };
  }

  private isAway(kind: Kind): boolean {
    if (this.kinds.get(kind)?.grounds.sign?.isAway()) return true;
    const lostAt = this.connectionLostAt.get(kind);
    return lostAt !== undefined && this.options.clock.monotonicMs() - lostAt > AWAY_AFTER_MS;
  }

  private moved(listeners: readonly ShardListener[], kind: Kind, shards: readonly number[]): void {
    for (const listener of listeners) listener(kind, shards);
    this.membership.announce();
  }

  private look(): void {
    this.wake();
    for (const kind of KINDS) {
      if (this.unowned(kind) === 0) this.ownedAt.set(kind, this.options.clock.monotonicMs());
    }
    this.callOff = this.options.clock.later(LOOK_EVERY_MS, () => this.look());
  }

  /** Looks soon at what should be where; what comes together is looked at together. */
  private wake(afterMs = 0): void {
    if (this.isWoken || !this.membership.takesPart()) return;
    this.isWoken = true;
    this.options.clock.later(afterMs, () => {
      this.isWoken = false;
      if (!this.membership.takesPart()) return;
      for (const [kind, state] of this.kinds) void this.settle(kind, state);
    });
  }

  /** Brings what this node holds of a kind closer to what the map gives it. */
  private async settle(kind: Kind, state: KindState): Promise<void> {
    const map = this.mapOf(this.membership.eligible(kind));
    const { name } = this.options.self;
    const own = map.flatMap((owner, shard) => (owner === name ? [shard] : []));
    const { holder } = state;
    // Those who disagree on who is there would not take what they are given.
    const others = holder.shards.filter((shard) => map[shard] !== name);
    if (others.length > 0 && (this.membership.isCutOff() || this.membership.isAgreed())) {
      void holder.handOver(others);
    }
    if (this.connectionLostAt.has(kind)) return;
    const withheld = await holder.take(own);
    if (withheld && withheld.length > 0) {
      await this.fence(kind, state, withheld);
      this.wake(TRY_AGAIN_MS);
    }
  }

  private async fence(kind: Kind, state: KindState, shards: readonly number[]): Promise<void> {
    const { clock, logger, mayHaveOthers } = this.options;
    const spared = this.membership.spared(kind);
    const now = clock.monotonicMs();
    if (!mayHaveOthers || spared === undefined || now - state.lastFence < FENCE_EVERY_MS) return;
    state.lastFence = now;
    try {
      const fenced = await state.grounds.locks.fence(shards, spared);
      if (fenced.length > 0) logger.warn({ kind, fenced }, 'the connections of silent nodes were ended');
    } catch (error) {
      logger.debug({ err: error, kind }, 'silent nodes cannot be fenced now');
    }
  }

  private mapOf(nodes: readonly string[]): readonly (string | undefined)[] {
    const key = [...nodes].sort().join(' ');
    let map = this.maps.get(key);
    if (!map) {
      map = assignShards(this.options.shards, nodes);
      // Nodes come and go for years; the last few maps are what is asked for.
      if (this.maps.size > 32) this.maps.clear();
      this.maps.set(key, map);
    }
    return map;
  }
}
