// The arrays of a statement's parameters as rows again: what `unnest` makes of them.
import type { Money } from '../../../actors/domain/money';

type Decoder<Value> = (text: string | null) => Value;
type Decoders = Readonly<Record<string, Decoder<unknown>>>;

/** An id, a name or a moment. */
export const text = (value: string | null): string => value as string;
export const textOrNull = (value: string | null): string | null => value;
export const int = (value: string | null): number => Number(value);
export const intOrNull = (value: string | null): number | null => (value === null ? null : Number(value));
export const amount = (value: string | null): Money => value as Money;
/** In an array of its own it comes as it is. */
export const flag = (value: unknown): boolean => String(value) === 'true';

/** Some of the parameters: an array a column. */
export interface Batch<Row> {
  readonly width: number;
  /** @param first the number of the first of the parameters, as the statement says it: from 1 */
  rows(values: readonly unknown[], first: number): readonly Row[];
}

/** @param columns in the parameters' order */
export function batch<Columns extends Decoders>(
  columns: Columns,
): Batch<{ readonly [Name in keyof Columns]: ReturnType<Columns[Name]> }> {
  const entries = Object.entries(columns);
  return {
    width: entries.length,
    rows(values, first) {
      const length = arrayOf(values[first - 1]).length;
      if (length === 0) return [];
      const made: Record<string, unknown>[] = Array.from({ length }, () => ({}));
      entries.forEach(([name, decode], place) => {
        const column = arrayOf(values[first - 1 + place]);
        made.forEach((row, number) => (row[name] = decode(column[number] ?? null)));
      });
      return made as { [Name in keyof Columns]: ReturnType<Columns[Name]> }[];
    },
  };
}

/** Arrays of texts come as they are, others as PostgreSQL writes them: `{1,2,null}`. */
export function arrayOf(value: unknown): readonly (string | null | undefined)[] {
  if (typeof value !== 'string') return value as readonly string[];
  if (value === '{}') return [];
  return value
    .slice(1, -1)
    .split(',')
    .map((item) => (item === 'null' ? null : item));
}
