// Decisions that were made and are not answered yet, in the order in which they were made. Each waits for its commit and for
// those before it (R7); when a commit fails, whatever was decided after it goes back with it (R6).
import type { Settlement } from './domain/ports/store';
import type { Pending } from './request';

export class Unanswered<State, Command, Recorded> {
  private pending: Pending<State, Command, Recorded>[] = [];
  /** A commit failed, and not all that it drew along has been told yet. */
  private failing = false;
  /** Something was not committed as believed, and the state is not forgotten yet. */
  private doubtful = false;
  /**
   * The last of the commits, while it is under way: joint ones and the entity's own never are at once, for they would overtake
   * each other. Once it has settled nothing of it is kept (ADR 19).
   */
  private latest: Pending<State, Command, Recorded> | undefined;

  /** @param answer is told of each whose turn it is */
  constructor(private readonly answer: (pending: Pending<State, Command, Recorded>) => void) {}

  get count(): number {
    return this.pending.length;
  }

  /** Whether nothing may be decided: what is known is about to be forgotten. */
  get isFailing(): boolean {
    return this.failing;
  }

  /** Whether a joint commit is under way. */
  get isJoint(): boolean {
    return this.latest?.jointly !== undefined;
  }

  /** Whether a joint commit may be built upon what is known. @param committer whose */
  mayJoin(committer: object): boolean {
    if (this.failing || this.doubtful) return false;
    return this.latest === undefined || this.latest.jointly === committer;
  }

  add(pending: Pending<State, Command, Recorded>): void {
    this.pending.push(pending);
    if (pending.staged) this.latest = pending;
  }

  /** Notes what became of a commit. */
  settle(pending: Pending<State, Command, Recorded>, settlement: Settlement): void {
    pending.settlement = settlement;
    if (this.latest === pending) this.latest = undefined;
    if (settlement.settled !== 'applied' && this.pending.includes(pending)) this.doubtful = true;
  }

  /**
   * Answers what was made before a commit that failed.
   * @returns what goes back, once all of it has been told; undefined: nothing yet
   */
  takeUndone(): readonly Pending<State, Command, Recorded>[] | undefined {
    if (!this.failing) {
      const failed = this.pending.findIndex(
        ({ settlement }) => settlement && settlement.settled !== 'applied',
      );
      if (failed < 0) return undefined;
      this.failing = true;
      this.answerFirst(failed);
    }
    // What was staged later is withdrawn by the committer; some of it may not have been told yet.
    if (this.pending.some(({ staged, settlement }) => staged && !settlement)) return undefined;
    return this.takeAll();
  }

  /**
   * Answers all that need not wait any more.
   * @param isFresh whether the locks of the shard must still hold
   * @returns the next one, if it only needs proof of that (R7)
   */
  release(isFresh: boolean): Pending<State, Command, Recorded> | undefined {
    if (this.failing) return undefined;
    const held = this.pending.findIndex(({ staged, settlement }) =>
      staged ? settlement?.settled !== 'applied' : !isFresh,
    );
    this.answerFirst(held < 0 ? this.pending.length : held);
    const [first] = this.pending;
    return first && !first.staged ? first : undefined;
  }

  /** Takes everything, answered or not: nothing is known any more. */
  takeAll(): readonly Pending<State, Command, Recorded>[] {
    const all = this.pending;
    this.pending = [];
    this.failing = false;
    this.doubtful = false;
    this.latest = undefined;
    return all;
  }

  private answerFirst(count: number): void {
    for (const pending of this.pending.splice(0, count)) this.answer(pending);
  }
}
