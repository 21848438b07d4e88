// Ids, figures and times on their way into UNNEST, as array literals: none of them needs quoting, and the
// driver's own escaping costs a flush more than all the rest of its preparation.

/** Trusted to hold no comma, brace, quote or space: an id, a number, an amount, a moment or a flag. */
export type Plain = string | number | boolean | null;

export class PlainColumns {
  private readonly columns: (string | number | boolean)[][];

  constructor(width: number) {
    this.columns = Array.from({ length: width }, () => []);
  }

  /** Adds a row. */
  add(...values: Plain[]): void {
    for (let place = 0; place < this.columns.length; place += 1) {
      this.columns[place]?.push(values[place] ?? 'null');
    }
  }

  get isEmpty(): boolean {
    return this.columns[0]?.length === 0;
  }

  /** One parameter a column, e.g. `{1,2,null}`. */
  arrays(): string[] {
    return this.columns.map((column) => `{${column.join(',')}}`);
  }
}
