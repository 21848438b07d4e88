// A batch of rows as one array a column, so that a flush is one statement whatever its size.

export interface Column<Row> {
  readonly name: string;
  readonly type: 'text' | 'bigint' | 'int' | 'smallint' | 'numeric' | 'timestamptz' | 'boolean';
  readonly value: (row: Row) => string | number | boolean | null | undefined;
}

/** `unnest($3::bigint[], $4::text[]) as <alias>(a, b)` for parameters from `first` on. */
export function unnest<Row>(columns: readonly Column<Row>[], first: number, alias: string): string {
  const parameters = columns.map((column, place) => `$${first + place}::${column.type}[]`);
  return `unnest(${parameters.join(', ')}) as ${alias}(${namesOf(columns)})`;
}

export const namesOf = <Row>(columns: readonly Column<Row>[], prefix = ''): string =>
  columns.map((column) => prefix + column.name).join(', ');

/** The parameters of `unnest`. */
export const arraysOf = <Row>(columns: readonly Column<Row>[], rows: readonly Row[]): unknown[] =>
  columns.map(({ type, value }) =>
    type === 'text' ? rows.map(value) : literalOf(rows.map((row) => value(row) ?? null)),
  );

/** Trusted to hold no comma, brace, quote or space: an id, a number, an amount, a moment or a flag. */
type Plain = string | number | boolean | null;

/** `{1,2,null}`: none of them needs quoting, and the driver's own escaping is most of a flush's preparation. */
const literalOf = (values: readonly Plain[]): string =>
  `{${values.map((value) => value ?? 'null').join(',')}}`;

/** Columns without names, for statements that are written by hand. */
export class PlainColumns {
  private readonly columns: Plain[][];

  constructor(width: number) {
    this.columns = Array.from({ length: width }, () => []);
  }

  /** Adds a row. */
  add(...values: Plain[]): void {
    this.columns.forEach((column, place) => column.push(values[place] ?? null));
  }

  /** One parameter a column. */
  arrays(): string[] {
    return this.columns.map(literalOf);
  }
}
