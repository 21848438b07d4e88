// A connection to one database, seen by those who write and read through it.

/** A statement under a name, so that a connection prepares it once. */
export interface Statement {
  readonly name: string;
  readonly text: string;
}

export interface Queryable {
  /** @throws the database's error as pg gives it: `code` is the SQLSTATE, if the server answered at all */
  query<Row>(statement: Statement, values: readonly unknown[]): Promise<readonly Row[]>;
}
