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
    type === 'text' ? rows.map(value) : `{${rows.map((row) => value(row) ?? 'null').join(',')}}`,
  );
