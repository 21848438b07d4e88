// Group commit: while a flush is under way, what arrives waits and forms the next batch. One poisoned write
// never fails its neighbours, and an entity's later facts never outlive an earlier one that failed (R6).
import type { Clock, Committer, Fate, Settlement, Store, StoreEntry } from '../actors/domain/ports';
import { isCheckViolation, isRefusedByDatabase, messageOf } from './sql-errors';

interface Item<State, Fact> {
  readonly entry: StoreEntry<State, Fact>;
  readonly done: (settlement: Settlement) => void;
}

export interface GroupCommitOptions {
  /** The most entries of one flush. */
  readonly batchSize: number;
  /** A flush that ended this long ago proves nothing of the locks any more (R7). */
  readonly freshForMs: number;
}

export class GroupCommit<State, Fact> implements Committer<State, Fact> {
  private waiting: Item<State, Fact>[] = [];
  private flushing = false;
  private lastFlush = 0;

  constructor(
    private readonly store: Pick<Store<State, Fact, unknown>, 'write' | 'conflictKeys'>,
    private readonly clock: Clock,
    private readonly options: GroupCommitOptions,
  ) {}

  stage(entry: StoreEntry<State, Fact>, done: (settlement: Settlement) => void): void {
    this.waiting.push({ entry, done });
    if (this.flushing) return;
    this.flushing = true;
    setImmediate(() => void this.flushAll());
  }

  isFresh(): boolean {
    return this.clock.nowMs() - this.lastFlush < this.options.freshForMs;
  }

  /** Entries that wait or are being written. */
  get depth(): number {
    return this.waiting.length;
  }

  private async flushAll(): Promise<void> {
    while (this.waiting.length > 0) await this.flush(this.nextBatch());
    this.flushing = false;
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
    for (const item of this.waiting) {
      const { entry } = item;
      const own = this.store.conflictKeys(entry);
      if (
        batch.length >= this.options.batchSize ||
        heldBack.has(entry.id) ||
        own.some((key) => keys.has(key))
      ) {
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
    const started = this.clock.nowMs();
    try {
      const fates = await this.store.write(batch.map((item) => item.entry));
      this.lastFlush = started;
      batch.forEach((item, place) => this.settle(item, { settled: fates[place] ?? 'conflict' }));
    } catch (error) {
      if (!isRefusedByDatabase(error)) {
        for (const item of batch) this.settle(item, { settled: 'unavailable' });
      } else {
        await this.flushOneByOne(batch);
      }
    }
  }

  /** The batch holds something that the database refuses: run it again entity by entity to find out what. */
  private async flushOneByOne(batch: readonly Item<State, Fact>[]): Promise<void> {
    const failed = new Set<string>();
    for (const item of batch) {
      if (failed.has(item.entry.id)) {
        this.settle(item, { settled: 'withdrawn' });
        continue;
      }
      const settlement = await this.flushAlone(item);
      if (settlement.settled !== 'applied') failed.add(item.entry.id);
      this.settle(item, settlement);
    }
  }

  private async flushAlone(item: Item<State, Fact>): Promise<Settlement> {
    try {
      const [fate] = (await this.store.write([item.entry])) as [Fate];
      return { settled: fate };
    } catch (error) {
      if (!isRefusedByDatabase(error)) return { settled: 'unavailable' };
      // A CHECK alone means that the actor believed other figures than the database holds.
      if (isCheckViolation(error)) return { settled: 'conflict' };
      return { settled: 'poisoned', message: messageOf(error) };
    }
  }

  private settle(item: Item<State, Fact>, settlement: Settlement): void {
    if (settlement.settled !== 'applied') this.withdraw(item.entry.id);
    item.done(settlement);
  }

  /** What this entity has staged since was built on what did not happen. */
  private withdraw(id: string): void {
    const gone = this.waiting.filter((item) => item.entry.id === id);
    if (gone.length === 0) return;
    this.waiting = this.waiting.filter((item) => item.entry.id !== id);
    for (const item of gone) item.done({ settled: 'withdrawn' });
  }
}
