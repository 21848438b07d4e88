// The group commit of what is written with all its steps: orders that are placed, or payments that are booked. It is for
// the usual case: whatever comes out otherwise than believed goes back whole, and is done again step by step.
import type { Kind } from '../actors/domain/envelope';
import { isElsewhere, type Joined, type JointCommitter, type JointStore } from '../actors/domain/joint';
import type { Clock } from '../actors/domain/ports/clock';
import type { Fate, Settlement } from '../actors/domain/ports/store';
import { gather } from './gathering';
import { isGivenUp, isRefusedByDatabase } from './sql-errors';

interface Item<Whole> {
  readonly joint: Whole;
  /** The term of each shard that it changes something of, in which it was staged. */
  readonly terms: readonly (number | undefined)[];
  readonly done: (settlement: Settlement) => void;
}

export interface JointCommitOptions {
  /** What is written: the kind of it, not of its steps. */
  readonly kind: Kind;
  /** The most of them in one flush. */
  readonly batchSize: number;
  /** How often this node got the shard of an id; undefined while it does not hold it. */
  readonly termOf: (kind: Kind, id: string) => number | undefined;
}

/** Whatever was in the way may be there for a while: in the meantime nobody waits for what others need. */
const REST_MS = 5_000;

/** One flush does it all: whoever comes later is better off in the next one than if all wait for the last. */
const GATHERING_TURNS = 1;

const UNAVAILABLE: Settlement = { settled: 'unavailable' };
const WITHDRAWN: Settlement = { settled: 'withdrawn' };

export class JointCommit<Whole extends Joined> implements JointCommitter<Whole> {
  private waiting: Item<Whole>[] = [];
  private flushing = false;
  /** How many are in the flush that is under way. */
  private writing = 0;
  private opensAt = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly store: JointStore<Whole>,
    private readonly clock: Pick<Clock, 'monotonicMs'>,
    private readonly options: JointCommitOptions,
  ) {}

  stage(joint: Whole, done: (settlement: Settlement) => void): void {
    this.waiting.push({ joint, done, terms: this.termsOf(joint) });
    if (this.flushing) return;
    this.flushing = true;
    void this.flushAll();
  }

  isOpen(): boolean {
    return this.clock.monotonicMs() >= this.opensAt;
  }

  /** How many wait or are being written. */
  get depth(): number {
    return this.waiting.length + this.writing;
  }

  private async flushAll(): Promise<void> {
    while (this.waiting.length > 0) {
      await gather(GATHERING_TURNS);
      // What is built on a shard that is not held any more, or is held anew, was built on what others may change; and
      // what came after it may be built on it.
      if (this.waiting.some((item) => this.isLost(item))) this.settleWaiting(UNAVAILABLE);
      const batch = this.waiting.splice(0, this.options.batchSize);
      this.writing = batch.length;
      if (batch.length > 0) await this.flush(batch);
      this.writing = 0;
    }
    this.flushing = false;
  }

  private termsOf(whole: Whole): (number | undefined)[] {
    const { steps } = whole;
    const { kind: own, termOf } = this.options;
    const terms = steps.map(({ kind, entry }) => termOf(kind, entry.id));
    return isElsewhere(whole) ? terms : [termOf(own, whole.id), ...terms];
  }

  private isLost({ joint, terms }: Item<Whole>): boolean {
    return this.termsOf(joint).some((term, place) => term === undefined || term !== terms[place]);
  }

  private async flush(batch: readonly Item<Whole>[]): Promise<void> {
    let fates: readonly Fate[];
    try {
      fates = await this.store.write(batch.map(({ joint }) => joint));
    } catch (error) {
      const isLate = isGivenUp(error);
      if (isLate) this.opensAt = this.clock.monotonicMs() + REST_MS;
      const settled = isLate || isRefusedByDatabase(error) ? 'conflict' : 'unavailable';
      for (const { done } of batch) done({ settled });
      this.settleWaiting(WITHDRAWN);
      return;
    }
    batch.forEach(({ done }, place) => done({ settled: fates[place] ?? 'conflict' }));
    if (fates.some((fate) => fate !== 'applied')) this.settleWaiting(WITHDRAWN);
  }

  private settleWaiting(settlement: Settlement): void {
    const all = this.waiting;
    this.waiting = [];
    for (const { done } of all) done(settlement);
  }
}
