// Group commit: while a flush is under way, what arrives waits and forms the next batch. One poisoned write
// never fails its neighbours, and an entity's later facts never outlive an earlier one that failed (R6).
import type { Clock } from '../actors/domain/ports/clock';
import type { Committer, Fate, Settlement, Store, StoreEntry } from '../actors/domain/ports/store';
import { gather } from './gathering';
import { isCheckViolation, isRefusedByDatabase, messageOf } from './sql-errors';

interface Item<State, Fact> {
  readonly entry: StoreEntry<State, Fact>;
  /** The term of its shard in which it was staged. */
  readonly term: number | undefined;
  readonly done: (settlement: Settlement) => void;
}

export interface GroupCommitOptions {
  /** The most entries of one flush. */
  readonly batchSize: number;
  /** A flush that began this long ago proves nothing of the locks any more (R7). */
  readonly freshForMs: number;
  /** How often this node got the shard of an id; undefined while it does not hold it. */
  readonly termOf: (id: string) => number | undefined;
  /** Whether nobody can have ended the connection meanwhile (R9). */
  readonly isProven: () => boolean;
}

/** Of the kinds' flushes several are under way at once: with so many turns they cost a fifth of all CPU time less. */
const GATHERING_TURNS = 4;

const UNAVAILABLE: Settlement = { settled: 'unavailable' };
const WITHDRAWN: Settlement = { settled: 'withdrawn' };
const SETTLED: Readonly<Record<Fate, Settlement>> = {
  applied: { settled: 'applied' },
  stale: { settled: 'stale' },
  conflict: { settled: 'conflict' },
};

export class GroupCommit<State, Fact> implements Committer<State, Fact> {
  private waiting: Item<State, Fact>[] = [];
  private flushing = false;
  /** Entries of the flush that is under way. */
  private writing = 0;
  private lastFlush = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly store: Pick<Store<State, Fact, unknown>, 'write' | 'conflictKeys'>,
    private readonly clock: Pick<Clock, 'monotonicMs'>,
    private readonly options: GroupCommitOptions,
  ) {}

  stage(entry: StoreEntry<State, Fact>, done: (settlement: Settlement) => void): void {
    this.waiting.push({ entry, done, term: this.options.termOf(entry.id) });
    if (this.flushing) return;
    this.flushing = true;
    void this.flushAll();
  }

  isFresh(): boolean {
    const { isProven, freshForMs } = this.options;
    return isProven() && this.clock.monotonicMs() - this.lastFlush < freshForMs;
  }

  /** Entries that wait or are being written. */
  get depth(): number {
    return this.waiting.length + this.writing;
  }

  private async flushAll(): Promise<void> {
    while (this.waiting.length > 0) {
      await gather(GATHERING_TURNS);
      this.dropLost();
      const batch = this.nextBatch();
      this.writing = batch.length;
      if (batch.length > 0) await this.flush(batch);
      this.writing = 0;
    }
    this.flushing = false;
  }

  /** What was staged for a shard that is not held any more, or is held anew, was built on what others may change. */
  private dropLost(): void {
    const lost = this.waiting.filter((item) => this.isLost(item));
    if (lost.length === 0) return;
    this.waiting = this.waiting.filter((item) => !this.isLost(item));
    for (const { done } of lost) done(UNAVAILABLE);
  }

  private isLost({ entry, term }: Item<State, Fact>): boolean {
    return term === undefined || this.options.termOf(entry.id) !== term;
  }

  /**
   * Takes what fits into one statement: no two entries with a conflict key in common (R5), and nothing of an
   * entity of which something must wait.
   */
  private nextBatch(): Item<State, Fact>[] {
    const batch: Item<State, Fact>[] = [];
    const left: Item<State, Fact>[] = [];
    const keys = new Set<string>();
    const heldBack = new Set<string>();
    for (const [place, item] of this.waiting.entries()) {
      if (batch.length === this.options.batchSize) {
        for (const later of this.waiting.slice(place)) left.push(later);
        break;
      }
      const { entry } = item;
      const own = this.store.conflictKeys(entry);
      if (heldBack.has(entry.id) || own.some((key) => keys.has(key))) {
        heldBack.add(entry.id);
        left.push(item);
        continue;
      }
      for (const key of own) keys.add(key);
      batch.push(item);
    }
    this.waiting = left;
    return batch;
  }

  private async flush(batch: readonly Item<State, Fact>[]): Promise<void> {
    let fates: readonly Fate[];
    try {
      fates = await this.write(batch);
    } catch (error) {
      if (isRefusedByDatabase(error)) return this.flushOneByOne(batch);
      this.settle(batch, () => UNAVAILABLE);
      return;
    }
    this.settle(batch, (place) => SETTLED[fates[place] ?? 'conflict']);
  }

  /** The batch holds something that the database refuses: run it again one by one to find out what. */
  private async flushOneByOne(batch: readonly Item<State, Fact>[]): Promise<void> {
    const failed = new Set<string>();
    for (const [place, item] of batch.entries()) {
      const { id } = item.entry;
      if (failed.has(id)) continue;
      const settlement: Settlement = this.isLost(item) ? UNAVAILABLE : await this.flushAlone(item);
      const ended = [item];
      if (settlement.settled !== 'applied') {
        failed.add(id);
        for (const later of batch.slice(place + 1)) if (later.entry.id === id) ended.push(later);
      }
      this.settle(ended, (which) => (which === 0 ? settlement : WITHDRAWN));
    }
  }

  private async flushAlone(item: Item<State, Fact>): Promise<Settlement> {
    try {
      const [fate] = (await this.write([item])) as [Fate];
      return SETTLED[fate];
    } catch (error) {
      if (!isRefusedByDatabase(error)) return UNAVAILABLE;
      // A CHECK alone means that the actor believed other figures than the database holds.
      if (isCheckViolation(error)) return SETTLED.conflict;
      return { settled: 'poisoned', message: messageOf(error) };
    }
  }

  private async write(items: readonly Item<State, Fact>[]): Promise<readonly Fate[]> {
    const started = this.clock.monotonicMs();
    const fates = await this.store.write(items.map((item) => item.entry));
    this.lastFlush = started;
    return fates;
  }

  /** What an entity has staged since something of it was not applied was built on what did not happen. */
  private settle(items: readonly Item<State, Fact>[], settlementAt: (place: number) => Settlement): void {
    const failed = new Set<string>();
    const settlements = items.map(({ entry }, place) => {
      const settlement = settlementAt(place);
      if (settlement.settled !== 'applied') failed.add(entry.id);
      return settlement;
    });
    const later = failed.size === 0 ? [] : this.waiting.filter(({ entry }) => failed.has(entry.id));
    if (later.length > 0) this.waiting = this.waiting.filter(({ entry }) => !failed.has(entry.id));
    items.forEach(({ done }, place) => done(settlements[place] as Settlement));
    for (const { done } of later) done(WITHDRAWN);
  }
}
