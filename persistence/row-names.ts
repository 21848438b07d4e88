// Rows as answers show them: columns in camelCase, times as ISO 8601.
import type { Row } from '../actors/domain/operations';

const camelCase = (column: string): string =>
  column.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());

const shown = (value: unknown): unknown => {
  if (value instanceof Date) return value.toISOString();
  return typeof value === 'bigint' ? value.toString() : value;
};

const named = (columns: readonly (readonly [string, unknown])[]): Row =>
  Object.fromEntries(columns.map(([column, value]) => [camelCase(column), shown(value)]));

/** A row as operators see it, who see many of many tables: empty columns are left out. */
export const rowOf = (columns: object): Row =>
  named(Object.entries(columns).filter(([, value]) => value !== null));

/** A row as customers see it: empty columns are null, as they are where one entity is asked for. */
export const wholeRowOf = (columns: object): Row => named(Object.entries(columns));
