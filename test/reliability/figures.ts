// What a load says of a disturbance: how long anybody had to wait, and when it was as before again.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Outcome, Second, Tally } from '../../bin/load/tally';

/** A node was killed, hung or stopped. */
export interface Disturbance {
  readonly what: string;
  /** Of performance.now(). */
  readonly atMs: number;
}

export interface AfterDisturbance {
  readonly what: string;
  /** When, since the load began. */
  readonly second: number;
  /** True answers a second before it: the median of ten seconds. */
  readonly before: number;
  /** The longest time that anybody waited for a true answer who was waiting then or came soon after. */
  readonly longestWaitMs: number;
  readonly longestWas: string;
  /** Until three seconds together had 90 % of the answers of before; undefined if they never had. */
  readonly backAfterSeconds: number | undefined;
}

const LOOK_BACK = 10;
const MOVING = 3;
const AS_BEFORE = 0.9;

export const median = (numbers: readonly number[]): number =>
  [...numbers].sort((one, other) => one - other)[Math.floor(numbers.length / 2)] ?? 0;

/** @param untilSecond what came later is another's doing */
export function afterDisturbance(
  { what, atMs }: Disturbance,
  tally: Tally,
  untilSecond: number,
): AfterDisturbance {
  const second = Math.floor((atMs - tally.startedMs) / 1_000);
  const { seconds } = tally;
  const before = median(seconds.slice(Math.max(0, second - LOOK_BACK), second).map(({ answers }) => answers));
  const longest = longestOf(seconds.slice(second, untilSecond));
  const back = seconds
    .slice(second, untilSecond)
    .findIndex((_, place) => rateFrom(seconds, second + place) >= AS_BEFORE * before);
  return {
    what,
    second,
    before,
    longestWaitMs: longest ? Math.round(waitOf(longest)) : 0,
    longestWas: longest ? `${longest.kind} at ${longest.node}: ${longest.result}` : 'none',
    backAfterSeconds: back < 0 ? undefined : back,
  };
}

/** Whoever waits while it happens ends after it, so the seconds after it hold the longest wait of all of them. */
function longestOf(seconds: readonly Second[]): Outcome | undefined {
  return seconds
    .flatMap(({ longest }) => longest ?? [])
    .reduce<Outcome | undefined>(
      (most, one) => (most && waitOf(most) >= waitOf(one) ? most : one),
      undefined,
    );
}

const waitOf = ({ startedMs, endedMs }: Outcome): number => endedMs - startedMs;

function rateFrom(seconds: readonly Second[], first: number): number {
  const some = seconds.slice(first, first + MOVING);
  return some.length < MOVING ? 0 : some.reduce((sum, { answers }) => sum + answers, 0) / MOVING;
}

const RESULTS = join(__dirname, '..', '..', '.cache', 'reliability');

/** One line of JSON for whoever watches, and a file for whoever writes it down. */
export function publish(name: string, figures: object): void {
  mkdirSync(RESULTS, { recursive: true });
  writeFileSync(join(RESULTS, `${name}.json`), `${JSON.stringify(figures, undefined, 2)}\n`);
  process.stdout.write(`${JSON.stringify({ name, ...figures })}\n`);
}
