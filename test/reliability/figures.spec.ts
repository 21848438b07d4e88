import { Tally } from '../../bin/load/tally';
import { afterDisturbance } from './figures';

/** So many answers in each second; each takes 10 ms unless it is said otherwise. */
function tallyOf(
  rates: readonly number[],
  waits: readonly (readonly [fromMs: number, toMs: number])[],
): Tally {
  const tally = new Tally();
  const note = (fromMs: number, toMs: number): void =>
    tally.note({
      kind: 'place',
      startedMs: tally.startedMs + fromMs,
      endedMs: tally.startedMs + toMs,
      result: 'true',
      node: 'a',
    });
  for (const [second, rate] of rates.entries()) {
    for (const [fromMs, toMs] of waits) if (Math.floor(toMs / 1_000) === second) note(fromMs, toMs);
    for (let place = 0; place < rate; place += 1) note(second * 1_000 + 980, second * 1_000 + 990);
  }
  tally.advance(tally.startedMs + rates.length * 1_000);
  return tally;
}

it('finds the longest wait and the first three seconds that are as before', () => {
  const tally = tallyOf([10, 10, 10, 2, 1, 9, 10, 10, 10], [[2_500, 5_100]]);
  const disturbance = { what: 'kill -9', atMs: tally.startedMs + 3_200 };
  expect(afterDisturbance(disturbance, tally, Infinity)).toMatchObject({
    second: 3,
    before: 10,
    longestWaitMs: 2_600,
    backAfterSeconds: 2,
  });
});

it('does not call it as before when it never was', () => {
  const tally = tallyOf([10, 10, 1, 1, 1, 10, 10], []);
  const disturbance = { what: 'kill -9', atMs: tally.startedMs + 2_000 };
  expect(afterDisturbance(disturbance, tally, 5).backAfterSeconds).toBeUndefined();
});
