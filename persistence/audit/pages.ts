// Reads a table of any size in the order of its key, a page at a time: no statement touches two kinds.
import type { Queryable, Statement } from '../session';

const PAGE_SIZE = 5_000;

export const LARGEST_ID = '9223372036854775807';

/** Below every id, as an id may be 0. */
export const BEFORE_ALL = '-1';

/**
 * @param statement takes the key of the last row before (its parts in turn), then how many rows to give
 * @param keyOf the parts of a row's key
 */
export async function* pages<Row>(
  reader: Queryable,
  statement: Statement,
  keyOf: (row: Row) => readonly string[],
  keyLength = 1,
): AsyncGenerator<readonly Row[]> {
  let after: readonly string[] = Array<string>(keyLength).fill(BEFORE_ALL);
  for (;;) {
    const rows = await reader.query<Row>(statement, [...after, PAGE_SIZE]);
    if (rows.length > 0) yield rows;
    const last = rows.at(-1);
    if (!last || rows.length < PAGE_SIZE) return;
    after = keyOf(last);
  }
}

export const indexBy = <Row>(rows: readonly Row[], keyOf: (row: Row) => string): ReadonlyMap<string, Row> =>
  new Map(rows.map((row) => [keyOf(row), row]));
