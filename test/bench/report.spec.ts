import { tableOf } from '../../bin/cli/print';
import { chartOf } from './chart';
import type { Measurement } from './measure';
import { lineOf, longLinesOf, summarise, tableRows } from './report';

const one = (
  system: Measurement['system'],
  perSecond: number,
  more: Partial<Measurement> = {},
): Measurement => ({
  row: 'uniform',
  system,
  seconds: 1,
  done: perSecond,
  perSecond,
  p50Ms: 1,
  p99Ms: 2,
  maxMs: 3,
  cpuPer1000: { node: 0.25, PostgreSQL: 0.25 },
  coresElsewhere: 0.1,
  peakMb: 100,
  memory: undefined,
  minutes: [],
  clientLateMs: [],
  others: {},
  settleSeconds: 0,
  broken: [],
  ...more,
});

const ROUNDS = [
  one('node', 3_000),
  one('monolith', 1_000),
  one('node', 2_000, { others: { '503 code 80003': 2 } }),
  one('monolith', 1_100, { broken: ['stock'] }),
  one('node', 2_500),
  one('monolith', 900),
  one('node', 50, { row: 'two-nodes', cpuPer1000: undefined, peakMb: undefined, coresElsewhere: undefined }),
];

it('quotes medians with the least and the most, and compares with the monolith', () => {
  const [node, monolith, alone] = summarise(ROUNDS);
  expect(node).toMatchObject({
    rounds: 3,
    perSecond: 2_500,
    least: 2_000,
    most: 3_000,
    ratio: 2.5,
    others: 2,
  });
  expect(monolith).toMatchObject({ perSecond: 1_000, ratio: 1, cpuPer1000: 0.5, broken: 1 });
  expect([alone?.ratio, alone?.cpuPer1000, alone?.peakMb]).toEqual([undefined, undefined, undefined]);
});

it('is a table that hides nothing', () => {
  const lines = tableOf(tableRows(summarise(ROUNDS))).split('\n');
  const node = lines.find((line) => line.includes('node ') && line.includes('uniform'));
  expect(node?.split('│').map((cell) => cell.trim())).toEqual([
    '',
    'uniform',
    'node',
    '2,500',
    '2,000 - 3,000',
    '2.50',
    '1.0',
    '2.0',
    '0.50',
    '100',
    '0.0',
    '2',
    '0',
    '',
  ]);
});

it('says of a measurement what was refused and what is broken', () => {
  expect(lineOf(one('node', 10, { others: { '409 code 20003': 4 }, broken: ['stock'] }))).toMatch(
    /, 4 x 409 code 20003; BROKEN$/,
  );
  expect(lineOf(one('node', 10))).toMatch(/; clean$/);
});

it('says of a long measurement whether memory grows', () => {
  const minute = { minute: 1, done: 9, p50Ms: 1, p99Ms: 2, maxMs: 3 };
  const long = one('node', 10, {
    minutes: [minute, { ...minute, minute: 2 }],
    memory: { middleMb: 9, lastMb: 8 },
    clientLateMs: [1, 1_234],
  });
  expect(longLinesOf(long)).toEqual([
    expect.stringMatching(/^minute 1: 9 done.*late by 1 ms at most$/),
    expect.stringMatching(/^minute 2: 9 done.*late by 1234 ms at most$/),
    'memory: 9 MB in the middle third, 8 MB in the last',
  ]);
  expect(longLinesOf(one('node', 10, { minutes: [minute] }))).toEqual([]);
});

describe('the chart', () => {
  const chart = chartOf('Orders & more', summarise(ROUNDS));

  it('has a bar for each system of each row, as long as its figure', () => {
    const bars = [...chart.matchAll(/<rect x="150" y="\d+" width="(\d+)" height="16"/g)].map(
      ([, width]) => width,
    );
    expect(bars).toEqual(['460', '184', '9']);
    expect(chart).toContain('2,500 (x 2.50)');
  });

  it('is well formed, and readable on dark pages too', () => {
    expect(chart).toContain('Orders &amp; more');
    expect(chart).toContain('prefers-color-scheme: dark');
    expect(chart.match(/<text/g)).toHaveLength(chart.match(/<\/text>/g)?.length ?? 0);
  });
});
