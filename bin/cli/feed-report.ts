// How a feed is shown to a person: a line a second, and what came of it in the end.
import type { Second, Times } from '../load/tally';
import { printLine, printRows } from './print';

const countsOf = (counts: Readonly<Record<string, number>>): string =>
  Object.entries(counts)
    .map(([name, count]) => `  ${name} ${count}`)
    .join('');

export const lineOf = ({ second, answers, p50Ms, p99Ms, others }: Second): string =>
  `${String(second + 1).padStart(4)} s  ${String(answers).padStart(5)} answers` +
  `  p50 ${p50Ms} ms  p99 ${p99Ms} ms${countsOf(others)}`;

export interface FeedSummary {
  readonly answers: number;
  readonly others: Readonly<Record<string, number>>;
  /** Visits that did not begin because all customers were busy. */
  readonly missed: number;
  readonly times: Readonly<Record<string, Times>>;
  readonly promises: number;
  /** Promises that were too many to be remembered. */
  readonly forgotten: number;
  readonly broken: readonly string[];
  /** The broken rules, or why it was not asked. */
  readonly audit: string | readonly string[];
}

export function printSummary({
  answers,
  others,
  missed,
  times,
  promises,
  forgotten,
  broken,
  audit,
}: FeedSummary): void {
  printLine(`\n${answers} answers${countsOf(others)}${missed > 0 ? `  missed ${missed}` : ''}`);
  printRows(Object.entries(times).map(([request, each]) => ({ request, ...each })));
  const notKept = forgotten > 0 ? `, ${forgotten} more were not remembered` : '';
  printLine(`${promises} promises, ${broken.length} broken${notKept}`);
  for (const line of broken.slice(0, 20)) printLine(`  ${line}`);
  printLine(typeof audit === 'string' ? `audit ${audit}` : `audit: ${audit.length} rules broken`);
  if (typeof audit !== 'string') for (const line of audit) printLine(`  ${line}`);
}
