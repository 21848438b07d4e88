// A statement that the database refuses: the error carries the SQLSTATE, as pg's does.

export class SqlError extends Error {
  constructor(
    /** The SQLSTATE. */
    readonly code: '21000' | '22003' | '22012' | '23505' | '23514',
    message: string,
  ) {
    super(message);
    this.name = 'SqlError';
  }
}

/** A CHECK of a table. @throws SqlError if it does not hold */
export function check(holds: boolean, constraint: string): void {
  if (!holds) throw new SqlError('23514', `violates check constraint "${constraint}"`);
}
