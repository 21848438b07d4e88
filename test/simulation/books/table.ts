// A table in memory: rows by their primary key, which are replaced and never changed, so that a statement that is
// refused half-way is taken back whole.
import { SqlError } from './sql-error';

interface Change {
  readonly rows: Map<string, unknown>;
  readonly key: string;
  readonly before: unknown;
}

/** What the statement under way has changed. */
export class Journal {
  private changes: Change[] = [];
  private isOpen = false;

  /** Runs a statement: all of it takes effect, or none. @throws what it throws */
  run<Result>(statement: () => Result): Result {
    this.isOpen = true;
    try {
      return statement();
    } catch (error) {
      for (const { rows, key, before } of this.changes.reverse()) {
        if (before === undefined) rows.delete(key);
        else rows.set(key, before);
      }
      throw error;
    } finally {
      this.changes = [];
      this.isOpen = false;
    }
  }

  note(rows: Map<string, unknown>, key: string): void {
    if (this.isOpen) this.changes.push({ rows, key, before: rows.get(key) });
  }
}

export interface TableParts<Row> {
  readonly name: string;
  readonly keyOf: (row: Row) => string;
  /** The ranges of the columns and the CHECKs. @throws SqlError for a row that the table cannot hold */
  readonly check: (row: Row) => void;
}

export class Table<Row> {
  private readonly rows = new Map<string, Row>();

  constructor(
    private readonly journal: Journal,
    private readonly parts: TableParts<Row>,
  ) {}

  get(key: string): Row | undefined {
    return this.rows.get(key);
  }

  has(key: string): boolean {
    return this.rows.has(key);
  }

  /** The rows of these keys as they are now. */
  pick(keys: readonly string[]): ReadonlyMap<string, Row> {
    const found = new Map<string, Row>();
    for (const key of keys) {
      const row = this.rows.get(key);
      if (row !== undefined) found.set(key, row);
    }
    return found;
  }

  /** In the order in which they came. */
  [Symbol.iterator](): IterableIterator<Row> {
    return this.rows.values();
  }

  where(condition: (row: Row) => boolean): Row[] {
    const found: Row[] = [];
    for (const row of this.rows.values()) if (condition(row)) found.push(row);
    return found;
  }

  /** @throws SqlError for a row that the table cannot hold: that is seen before any conflict */
  check(row: Row): void {
    this.parts.check(row);
  }

  /** `on conflict do nothing`. @returns whether the row is new */
  insertOrSkip(row: Row): boolean {
    this.check(row);
    const key = this.parts.keyOf(row);
    if (this.rows.has(key)) return false;
    this.set(key, row);
    return true;
  }

  /** @throws SqlError if there is a row of its key */
  insert(row: Row): void {
    if (!this.insertOrSkip(row)) throw new SqlError('23505', `duplicate key in ${this.parts.name}`);
  }

  /** Puts a row in the place of the one of its key. */
  replace(row: Row): void {
    this.check(row);
    this.set(this.parts.keyOf(row), row);
  }

  /** Puts a row there as it is, for the copy of a table whose CHECKs were taken away. */
  restore(row: Row): void {
    this.set(this.parts.keyOf(row), row);
  }

  delete(key: string): void {
    this.journal.note(this.rows, key);
    this.rows.delete(key);
  }

  private set(key: string, row: Row): void {
    this.journal.note(this.rows, key);
    this.rows.set(key, row);
  }
}
