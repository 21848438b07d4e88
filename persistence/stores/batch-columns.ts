// A batch of rows as one array a column, so that a flush is one statement whatever its size.

export interface Column<Row> {
  readonly name: string;
  readonly type: string;
  readonly value: (row: Row) => unknown;
}

/** `unnest($3::bigint[], $4::text[]) as <alias>(a, b)` for parameters from `first` on. */
export function unnest<Row>(columns: readonly Column<Row>[], first: number, alias: string): string {
  const parameters = columns.map((column, place) => `$${first + place}::${column.type}[]`);
  return `unnest(${parameters.join(', ')}) as ${alias}(${namesOf(columns)})`;
}

export const namesOf = <Row>(columns: readonly Column<Row>[], prefix = ''): string =>
  columns.map((column) => prefix + column.name).join(', ');

/** The parameters of `unnest`. */
export const arraysOf = <Row>(columns: readonly Column<Row>[], rows: readonly Row[]): unknown[][] =>
  columns.map((column) => rows.map(column.value));
