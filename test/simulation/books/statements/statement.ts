// A statement of persistence/ over tables in memory: the same parameters, the same rows, the same effects. Its CTEs
// all see the tables as they were before it, so what they read is read before anything is written.
import type { ShopTables } from '../tables';

/** @returns the rows that the statement returns. @throws SqlError if the database refuses it; then nothing is done */
export type RunStatement = (tables: ShopTables, values: readonly unknown[]) => readonly object[];

/** By the name of the statement. */
export type Statements = Readonly<Record<string, RunStatement>>;
