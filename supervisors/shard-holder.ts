// The shards of one kind on this node: takes those it should have, and hands over those it should not. A shard is
// held from the lock to the unlock, both on the connection that writes (R9). Handing over = stop intake, let what is
// under way end, forget, unlock.
import type { Logger } from 'pino';
import type { Kind } from '../actors/domain/envelope';
import { pause } from '../actors/domain/pause';
import type { Clock } from '../actors/domain/ports/clock';
import type { ShardLocks } from '../actors/domain/ports/ownership';

export interface ShardHolderOptions {
  readonly kind: Kind;
  readonly locks: ShardLocks;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Which of these shards have entities at work. */
  readonly busy: (shards: readonly number[]) => ReadonlySet<number>;
  readonly onGained: (shards: readonly number[]) => void;
  readonly onLost: (shards: readonly number[]) => void;
}

interface Held {
  readonly term: number;
  /** Takes nothing from outside any more. */
  handingOver: boolean;
}

/** What is under way in a shard may take this long to end before its sender is told to ask the successor. */
const HAND_OVER_MS = 1_500;
const LOOK_EVERY_MS = 10;

export class ShardHolder {
  private readonly held = new Map<number, Held>();
  private terms = 0;
  /** Counts the connections: what one was asked for says nothing of the next. */
  private connection = 0;
  /** The question that is under way. */
  private taking: Promise<readonly number[] | undefined> | undefined;

  constructor(private readonly options: ShardHolderOptions) {}

  termOf(shard: number): number | undefined {
    return this.held.get(shard)?.term;
  }

  takes(shard: number): boolean {
    return this.held.get(shard)?.handingOver === false;
  }

  get shards(): readonly number[] {
    return [...this.held.keys()];
  }

  /** The connection is gone, and every lock with it. */
  lost(): void {
    this.connection += 1;
    const shards = this.shards;
    this.held.clear();
    if (shards.length > 0) this.options.onLost(shards);
  }

  /** Tries to lock what is wanted and not held. @returns what somebody else holds, or undefined if it is not known */
  async take(wanted: readonly number[]): Promise<readonly number[] | undefined> {
    const missing = wanted.filter((shard) => !this.held.has(shard));
    if (missing.length === 0) return [];
    if (this.taking) return undefined;
    this.taking = this.lock(missing).finally(() => (this.taking = undefined));
    return this.taking;
  }

  /** Hands everything over, also what is being taken now. @returns when it is unlocked */
  async handOverAll(): Promise<void> {
    const later = this.taking?.then(() => this.handOver(this.shards));
    await Promise.all([this.handOver(this.shards), later]);
  }

  /** Hands over those of the shards that are held and not on their way yet. @returns when they are unlocked */
  async handOver(shards: readonly number[]): Promise<void> {
    const { clock, busy } = this.options;
    const { connection } = this;
    let left = shards.filter((shard) => this.takes(shard));
    for (const shard of left) this.held.set(shard, { term: this.termOf(shard) ?? 0, handingOver: true });
    const end = clock.monotonicMs() + HAND_OVER_MS;
    while (left.length > 0 && connection === this.connection) {
      const atWork = clock.monotonicMs() < end ? busy(left) : new Set<number>();
      const idle = left.filter((shard) => !atWork.has(shard));
      left = left.filter((shard) => atWork.has(shard));
      if (idle.length > 0) await this.letGo(idle);
      if (left.length > 0) await pause(clock, LOOK_EVERY_MS);
    }
  }

  private async lock(missing: readonly number[]): Promise<readonly number[] | undefined> {
    const { locks, onGained, logger, kind } = this.options;
    const { connection } = this;
    try {
      const got = await locks.take(missing);
      if (connection !== this.connection) return undefined;
      for (const shard of got) this.held.set(shard, { term: ++this.terms, handingOver: false });
      if (got.length > 0) onGained(got);
      return missing.filter((shard) => !this.held.has(shard));
    } catch (error) {
      logger.debug({ err: error, kind }, 'shards cannot be taken now');
      // Some may be locked: nobody would ever unlock them.
      if (connection === this.connection) locks.drop();
      return undefined;
    }
  }

  private async letGo(shards: readonly number[]): Promise<void> {
    const { locks, onLost, logger, kind } = this.options;
    for (const shard of shards) this.held.delete(shard);
    onLost(shards);
    try {
      await locks.release(shards);
    } catch (error) {
      // Locked or not, nobody knows: without the connection they are not.
      logger.warn({ err: error, kind }, 'shards cannot be unlocked: their connection is dropped');
      locks.drop();
    }
  }
}
