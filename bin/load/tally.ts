// What came of the requests of a load: counts, times and the longest waits, second by second and in all. It keeps
// a few numbers a second, however many requests there are.
import { createHistogram, type RecordableHistogram } from 'node:perf_hooks';

export interface Outcome {
  /** E.g. `place`. */
  readonly kind: string;
  /** Of performance.now(). */
  readonly startedMs: number;
  readonly endedMs: number;
  /** `true`: an answer, be it a refusal; else a code's name or why there is no answer. */
  readonly result: string;
  readonly node: string;
}

export interface Second {
  /** Since the load began. */
  readonly second: number;
  /** True answers. */
  readonly answers: number;
  /** What was no true answer. */
  readonly others: Readonly<Record<string, number>>;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** The longest of those that ended in this second. */
  readonly longest: Outcome | undefined;
}

export interface Times {
  readonly count: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
}

const LONGEST_US = 600_000_000;

/** In microseconds, to three figures. */
const newTimes = (): RecordableHistogram => createHistogram({ lowest: 1, highest: LONGEST_US, figures: 3 });
const ms = (microseconds: number): number => Math.round(microseconds / 100) / 10;
const timesOf = (times: RecordableHistogram): Times => ({
  count: times.count,
  p50Ms: times.count === 0 ? 0 : ms(times.percentile(50)),
  p99Ms: times.count === 0 ? 0 : ms(times.percentile(99)),
  maxMs: times.count === 0 ? 0 : ms(times.max),
});

export class Tally {
  readonly startedMs = performance.now();
  readonly seconds: Second[] = [];
  /** True answers so far. */
  answers = 0;
  private readonly others = new Map<string, number>();
  private readonly kinds = new Map<string, RecordableHistogram>();
  private readonly now = newTimes();
  private nowOthers: Record<string, number> = {};
  private longest: Outcome | undefined;

  note(outcome: Outcome): void {
    this.advance(outcome.endedMs);
    const { kind, result } = outcome;
    const durationMs = outcome.endedMs - outcome.startedMs;
    if (!this.longest || durationMs > this.longest.endedMs - this.longest.startedMs) this.longest = outcome;
    if (result !== 'true') {
      this.others.set(result, (this.others.get(result) ?? 0) + 1);
      this.nowOthers[result] = (this.nowOthers[result] ?? 0) + 1;
      return;
    }
    this.answers += 1;
    const times = this.kinds.get(kind) ?? newTimes();
    this.kinds.set(kind, times);
    const microseconds = Math.min(LONGEST_US, Math.max(1, Math.round(durationMs * 1_000)));
    times.record(microseconds);
    this.now.record(microseconds);
  }

  /** Closes the seconds that are over at this time of performance.now(). */
  advance(nowMs: number): void {
    while (this.seconds.length < Math.floor((nowMs - this.startedMs) / 1_000)) {
      const { count, p50Ms, p99Ms } = timesOf(this.now);
      this.seconds.push({
        second: this.seconds.length,
        answers: count,
        others: this.nowOthers,
        p50Ms,
        p99Ms,
        longest: this.longest,
      });
      this.now.reset();
      this.nowOthers = {};
      this.longest = undefined;
    }
  }

  /** What was no true answer, in all. */
  otherResults(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.others);
  }

  /** Times of true answers by kind of request. */
  times(): Readonly<Record<string, Times>> {
    return Object.fromEntries([...this.kinds].map(([kind, times]) => [kind, timesOf(times)]));
  }
}
