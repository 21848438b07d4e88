// How answers are shown: tables for people, one JSON document for machines.
import Table from 'cli-table3';
import type { AuditReport, Row } from '../../actors/domain/operations';

const write = (text: string): void => void process.stdout.write(`${text}\n`);

export const printJson = (value: unknown): void => write(JSON.stringify(value, undefined, 2));

export const printLine = (text: string): void => write(text);

/** No lines between rows: they double the length and say nothing. */
const PLAIN = {
  style: { head: [], border: [] },
  chars: { mid: '', 'left-mid': '', 'mid-mid': '', 'right-mid': '' },
};

const cell = (value: unknown): string => {
  if (value === undefined || value === null) return '';
  return typeof value === 'string' ? value : JSON.stringify(value);
};

/** @param columns what to show; all that any row has, but no rows within rows, if none are named */
export const printRows = (rows: readonly Row[], columns?: readonly string[]): void =>
  write(rows.length === 0 ? 'none' : tableOf(rows, columns));

/** @param columns as for printRows */
export function tableOf(rows: readonly Row[], columns?: readonly string[]): string {
  const head = [...(columns ?? new Set(rows.flatMap((row) => namesOf(row, false))))];
  const table = new Table({ ...PLAIN, head });
  for (const row of rows) table.push(head.map((column) => cell(row[column])));
  return table.toString();
}

/** A row with its parts: its columns first, then what belongs to it under its name. */
export function printDetails(row: Row): void {
  const table = new Table(PLAIN);
  for (const column of namesOf(row, false)) table.push([column, cell(row[column])]);
  write(table.toString());
  printParts([row]);
}

function printParts(rows: readonly Row[], path = ''): void {
  for (const name of new Set(rows.flatMap((row) => namesOf(row, true)))) {
    const parts = rows.flatMap((row) => (row[name] ?? []) as Row | readonly Row[]);
    if (parts.length === 0) continue;
    write(`\n${path}${name}`);
    printRows(parts);
    printParts(parts, `${path}${name}.`);
  }
}

/** The columns of a row, or the names of the rows within it. */
const namesOf = (row: Row, nested: boolean): readonly string[] =>
  Object.keys(row).filter((name) => (typeof row[name] === 'object' && row[name] !== null) === nested);

export function printAudit(report: AuditReport): void {
  const table = new Table({ ...PLAIN, head: ['rule', 'broken', 'examples'] });
  for (const { rule, broken, examples } of report.rules)
    table.push([rule, broken, examples.slice(0, 3).join('\n')]);
  write(table.toString());
  const broken = report.rules.filter((finding) => finding.broken > 0).length;
  write(
    report.clean
      ? `all ${report.rules.length} rules hold`
      : `${broken} of ${report.rules.length} rules are broken`,
  );
}
