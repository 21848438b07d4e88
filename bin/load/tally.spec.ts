import { Tally } from './tally';

const outcome = (tally: Tally, fromMs: number, toMs: number, result = 'true') => ({
  kind: 'place',
  startedMs: tally.startedMs + fromMs,
  endedMs: tally.startedMs + toMs,
  result,
  node: 'a',
});

it('counts by the second in which an answer came, and keeps the longest wait', () => {
  const tally = new Tally();
  tally.note(outcome(tally, 100, 200));
  tally.note(outcome(tally, 100, 900));
  tally.note(outcome(tally, 500, 2_600));
  tally.note(outcome(tally, 2_500, 2_700, 'SHOP_BUSY'));
  tally.advance(tally.startedMs + 3_000);
  expect(tally.seconds.map(({ answers, others }) => [answers, others])).toEqual([
    [2, {}],
    [0, {}],
    [1, { SHOP_BUSY: 1 }],
  ]);
  expect(tally.seconds[0]?.longest).toMatchObject({ endedMs: tally.startedMs + 900 });
  expect(tally.seconds[2]?.longest).toMatchObject({ endedMs: tally.startedMs + 2_600 });
  expect(tally.seconds[1]?.longest).toBeUndefined();
});

it('knows times by kind, of true answers only', () => {
  const tally = new Tally();
  for (let ms = 1; ms <= 100; ms += 1) tally.note(outcome(tally, 0, ms));
  tally.note(outcome(tally, 0, 60_000, 'no answer (silence)'));
  const { place } = tally.times();
  expect(place?.count).toBe(100);
  expect(place?.p50Ms).toBeCloseTo(50, 0);
  expect(place?.p99Ms).toBeCloseTo(99, 0);
  expect(place?.maxMs).toBeCloseTo(100, 0);
  expect(tally.otherResults()).toEqual({ 'no answer (silence)': 1 });
});
