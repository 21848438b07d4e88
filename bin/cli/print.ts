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

/** @param columns what to show; all that any row has, if none are named */
export function printRows(rows: readonly Row[], columns?: readonly string[]): void {
  if (rows.length === 0) {
    write('none');
    return;
  }
  const head = [...(columns ?? new Set(rows.flatMap((row) => Object.keys(row))))];
  const table = new Table({ ...PLAIN, head });
  for (const row of rows) table.push(head.map((column) => cell(row[column])));
  write(table.toString());
}

/** A row with its parts: its columns first, then each list of rows under its name. */
export function printDetails(row: Row): void {
  const table = new Table(PLAIN);
  for (const [column, value] of Object.entries(row)) if (!isList(value)) table.push([column, cell(value)]);
  write(table.toString());
  for (const [name, value] of Object.entries(row)) {
    if (!isList(value) || value.length === 0) continue;
    write(`\n${name}`);
    printRows(value);
  }
}

const isList = (value: unknown): value is readonly Row[] => Array.isArray(value);

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
