// What came of the requests: all that was done, so that the books can be held against it, and times of what was
// answered while it was measured.
import type { Answer } from './connection';

export interface Times {
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
}

export interface Minute extends Times {
  readonly minute: number;
  readonly done: number;
}

/** The value below which so much of it lies, by the nearest rank; 0 of nothing. @param sorted from least to most */
export const percentile = (sorted: ArrayLike<number>, percent: number): number =>
  sorted[Math.max(0, Math.ceil((sorted.length * percent) / 100) - 1)] ?? 0;

export const timesOf = (durationsMs: readonly number[]): Times => {
  const sorted = Float64Array.from(durationsMs).sort();
  return { p50Ms: percentile(sorted, 50), p99Ms: percentile(sorted, 99), maxMs: percentile(sorted, 100) };
};

const MINUTE_MS = 60_000;

export class Score {
  /** Successes, also those before and after the measurement. */
  done = 0;
  /** What may have been done or not: nobody said so. */
  unknown = 0;
  /** What was no success. */
  readonly others: Record<string, number> = {};
  private readonly minutes: (number[] | undefined)[] = [];

  /** @param fromMs when the measurement begins; what is answered from then until `untilMs` is measured */
  constructor(
    readonly fromMs: number,
    readonly untilMs: number,
  ) {}

  success(dueMs: number, nowMs: number): void {
    this.done += 1;
    if (nowMs < this.fromMs || nowMs >= this.untilMs) return;
    const minute = Math.floor((nowMs - this.fromMs) / MINUTE_MS);
    (this.minutes[minute] ??= []).push(nowMs - dueMs);
  }

  /** A refusal is known not to be done; silence, a failure and `pending` say nothing. */
  other({ status, text }: Answer): void {
    const code = /"code":(-?\d+)/.exec(text)?.[1];
    const name =
      status === 0 ? `no answer (${text})` : `${status}${code === undefined ? '' : ` code ${code}`}`;
    this.others[name] = (this.others[name] ?? 0) + 1;
    if (status < 400 || status >= 500) this.unknown += 1;
  }

  /** Successes that were measured. */
  get measured(): number {
    return this.minutes.reduce((sum, minute) => sum + (minute?.length ?? 0), 0);
  }

  times(): Times {
    return timesOf(this.minutes.flatMap((minute) => minute ?? []));
  }

  byMinute(): readonly Minute[] {
    return Array.from(this.minutes, (durations = [], minute) => ({
      minute: minute + 1,
      done: durations.length,
      ...timesOf(durations),
    }));
  }
}
