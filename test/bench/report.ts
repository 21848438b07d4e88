// The rounds of a measurement as one line: medians, the least and the most, and how it compares with the yardstick.
import type { Row as TableRow } from '../../actors/domain/operations';
import { median } from '../reliability/figures';
import type { Measurement } from './measure';

export interface Summary {
  readonly row: string;
  readonly system: string;
  readonly rounds: number;
  readonly perSecond: number;
  readonly least: number;
  readonly most: number;
  /** Times as much as the monolith in the same row; undefined without one. */
  readonly ratio: number | undefined;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** CPU seconds of all servers for each 1,000. */
  readonly cpuPer1000: number | undefined;
  readonly peakMb: number | undefined;
  readonly settleSeconds: number;
  /** What was no success, of all rounds. */
  readonly others: number;
  readonly broken: number;
}

export const YARDSTICK = 'monolith';

/** In the order in which row and system first came. */
export function summarise(measurements: readonly Measurement[]): readonly Summary[] {
  const groups = new Map<string, Measurement[]>();
  for (const one of measurements) {
    const key = `${one.row} ${one.system}`;
    groups.set(key, [...(groups.get(key) ?? []), one]);
  }
  const speeds = new Map(
    [...groups].map(([key, rounds]) => [key, median(rounds.map(({ perSecond }) => perSecond))]),
  );
  return [...groups].map(([key, rounds]) => {
    const [{ row, system }] = rounds as [Measurement];
    const yardstick = speeds.get(`${row} ${YARDSTICK}`);
    const perSecond = speeds.get(key) ?? 0;
    const rates = rounds.map((round) => round.perSecond);
    return {
      row,
      system,
      rounds: rounds.length,
      perSecond,
      least: Math.min(...rates),
      most: Math.max(...rates),
      ratio: yardstick === undefined ? undefined : perSecond / yardstick,
      p50Ms: median(rounds.map(({ p50Ms }) => p50Ms)),
      p99Ms: median(rounds.map(({ p99Ms }) => p99Ms)),
      cpuPer1000: medianOf(rounds.map(({ cpuPer1000 }) => cpuPer1000 && totalOf(cpuPer1000))),
      peakMb: medianOf(rounds.map(({ peakMb }) => peakMb)),
      settleSeconds: median(rounds.map(({ settleSeconds }) => settleSeconds)),
      others: rounds.reduce((sum, { others }) => sum + totalOf(others), 0),
      broken: rounds.reduce((sum, { broken }) => sum + broken.length, 0),
    };
  });
}

const totalOf = (parts: Readonly<Record<string, number>>): number =>
  Object.values(parts).reduce((sum, part) => sum + part, 0);

function medianOf(values: readonly (number | undefined)[]): number | undefined {
  const known = values.filter((value) => value !== undefined);
  return known.length === 0 ? undefined : median(known);
}

/** As people read it. */
export const tableRows = (summaries: readonly Summary[]): readonly TableRow[] =>
  summaries.map((one) => ({
    row: one.row,
    system: one.system,
    'a second': wholeOf(one.perSecond),
    'least - most': `${wholeOf(one.least)} - ${wholeOf(one.most)}`,
    'x monolith': one.ratio?.toFixed(2) ?? '',
    'p50 ms': one.p50Ms.toFixed(1),
    'p99 ms': one.p99Ms.toFixed(1),
    'CPU s / 1,000': one.cpuPer1000?.toFixed(2) ?? '',
    'peak MB': one.peakMb === undefined ? '' : String(one.peakMb),
    'rest after s': one.settleSeconds.toFixed(1),
    others: String(one.others),
    broken: String(one.broken),
  }));

/** What a long measurement says besides: minute by minute, and whether memory grows. */
export function longLinesOf({ minutes, memory, clientLateMs }: Measurement): readonly string[] {
  if (minutes.length < 2) return [];
  const growth = memory
    ? [`memory: ${memory.middleMb} MB in the middle third, ${memory.lastMb} MB in the last`]
    : [];
  return [
    ...minutes.map(
      ({ minute, done, p50Ms, p99Ms, maxMs }, place) =>
        `minute ${minute}: ${done} done, p50 ${p50Ms.toFixed(1)} ms, p99 ${p99Ms.toFixed(1)} ms, most ${maxMs.toFixed(0)} ms` +
        `; the client itself late by ${(clientLateMs[place] ?? 0).toFixed(0)} ms at most`,
    ),
    ...growth,
  ];
}

/** One measurement, as it is told when it is over. */
export function lineOf(one: Measurement): string {
  const cpu = one.cpuPer1000 ? `, ${totalOf(one.cpuPer1000).toFixed(2)} CPU s per 1,000` : '';
  const elsewhere =
    one.coresElsewhere === undefined ? '' : `, ${one.coresElsewhere.toFixed(1)} cores busy with others`;
  const others = Object.entries(one.others).map(([what, count]) => `, ${count} x ${what}`);
  const verdict = one.broken.length === 0 ? 'clean' : 'BROKEN';
  return (
    `${wholeOf(one.perSecond)} a second, p50 ${one.p50Ms.toFixed(1)} ms, p99 ${one.p99Ms.toFixed(1)} ms${cpu}${elsewhere}, ` +
    `at rest after ${one.settleSeconds.toFixed(1)} s${others.join('')}; ${verdict}`
  );
}

const wholeOf = (number: number): string => Math.round(number).toLocaleString('en-US');
