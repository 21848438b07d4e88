// Rows as answers show them: columns in camelCase, times as ISO 8601, empty columns left out.
import type { Row } from '../actors/domain/operations';

const camelCase = (column: string): string =>
  column.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());

const shown = (value: unknown): unknown => {
  if (value instanceof Date) return value.toISOString();
  return typeof value === 'bigint' ? value.toString() : value;
};

/** A database's row as an answer shows it. */
export const rowOf = (columns: object): Row =>
  Object.fromEntries(
    Object.entries(columns)
      .filter(([, value]) => value !== null)
      .map(([column, value]) => [camelCase(column), shown(value)]),
  );
