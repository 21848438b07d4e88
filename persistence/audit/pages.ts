// Reads a table of any size in the order of its key, a page at a time: no statement touches two kinds.
import { BEFORE_ALL, pagesOf } from '../../actors/domain/pages';
import type { Queryable, Statement } from '../session';

const PAGE_SIZE = 5_000;

export const LARGEST_ID = '9223372036854775807';

/**
 * @param statement takes the key of the last row before (its parts in turn), then how many rows to give
 * @param keyOf the parts of a row's key
 */
export const pages = <Row>(
  reader: Queryable,
  statement: Statement,
  keyOf: (row: Row) => readonly string[],
  keyLength = 1,
): AsyncGenerator<readonly Row[]> =>
  pagesOf<Row, readonly string[]>(
    (after, limit) => reader.query<Row>(statement, [...after, limit]),
    keyOf,
    Array<string>(keyLength).fill(BEFORE_ALL),
    PAGE_SIZE,
  );

export const indexBy = <Row>(rows: readonly Row[], keyOf: (row: Row) => string): ReadonlyMap<string, Row> =>
  new Map(rows.map((row) => [keyOf(row), row]));
