// Failures that come again with every round for as long as a platform is away: the log is told of the first round, and then once
// a minute, of all in it together.
import type { Clock } from '../actors/domain/ports/clock';

const TOLD_EVERY_MS = 60_000;

export class RecurringFailures<Failure> {
  private first: Failure | undefined;
  private count = 0;
  private tellAgainMs = Number.NEGATIVE_INFINITY;

  /** @param tell hears of one of them, and how many there are */
  constructor(
    private readonly clock: Pick<Clock, 'monotonicMs'>,
    private readonly tell: (one: Failure, count: number) => void,
  ) {}

  add(failure: Failure): void {
    this.first ??= failure;
    this.count += 1;
  }

  /** After a round without any the next one is news again. */
  roundEnded(): void {
    const { first, count } = this;
    this.first = undefined;
    this.count = 0;
    if (first === undefined) {
      this.tellAgainMs = Number.NEGATIVE_INFINITY;
      return;
    }
    const nowMs = this.clock.monotonicMs();
    if (nowMs < this.tellAgainMs) return;
    this.tellAgainMs = nowMs + TOLD_EVERY_MS;
    this.tell(first, count);
  }
}
