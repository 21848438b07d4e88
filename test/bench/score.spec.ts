import { percentile, Score, timesOf } from './score';

describe('percentiles', () => {
  const hundred = Array.from({ length: 100 }, (_, place) => place + 1);
  it.each([
    [50, hundred, 50],
    [99, hundred, 99],
    [100, hundred, 100],
    [99, [7], 7],
    [50, [1, 2], 1],
    [50, [], 0],
  ])('%d %% of %j', (percent, sorted, value) => expect(percentile(sorted, percent)).toBe(value));

  it('are of any order', () => {
    expect(timesOf([3, 10, 2, 1])).toEqual({ p50Ms: 2, p99Ms: 10, maxMs: 10 });
  });
});

it('measures what is answered in time, from when it was due, and counts the rest as done', () => {
  const score = new Score(1_000, 2_000);
  score.success(900, 999);
  score.success(900, 1_000);
  score.success(1_990, 1_999);
  score.success(1_990, 2_000);
  expect([score.done, score.measured, score.times().maxMs]).toEqual([4, 2, 100]);
});

it('tells minutes apart, also those in which nothing was answered', () => {
  const score = new Score(0, 300_000);
  score.success(0, 10);
  score.success(125_000, 125_020);
  expect(score.byMinute().map(({ minute, done, p99Ms }) => [minute, done, p99Ms])).toEqual([
    [1, 1, 10],
    [2, 0, 0],
    [3, 1, 20],
  ]);
});

it('counts what was no success by what it was, and knows what may have been done', () => {
  const score = new Score(0, 1_000);
  score.other({ status: 409, text: '{"success":false,"code":20003}' });
  score.other({ status: 409, text: '{"success":false,"code":20003}' });
  score.other({ status: 202, text: '{"success":false,"code":10007}' });
  score.other({ status: 502, text: 'Bad Gateway' });
  score.other({ status: 0, text: 'silence' });
  expect(score.others).toEqual({
    '409 code 20003': 2,
    '202 code 10007': 1,
    '502': 1,
    'no answer (silence)': 1,
  });
  expect([score.unknown, score.done]).toEqual([3, 0]);
});
