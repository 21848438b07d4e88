// How a table is told to TypeORM, without decorators.
import { EntitySchema, EntitySchemaOptions, type EntitySchemaColumnOptions } from 'typeorm';

type Columns = Readonly<Record<string, EntitySchemaColumnOptions>>;

export const column = (
  type: EntitySchemaColumnOptions['type'],
  name: string,
  more: Partial<EntitySchemaColumnOptions> = {},
) => ({
  type,
  name,
  ...more,
});
export const bigint = (name: string, more = {}) => column('bigint', name, more);
export const small = (name: string, more = {}) => column('smallint', name, more);
export const int = (name: string, more = {}) => column('int', name, more);
export const text = (name: string, more = {}) => column('text', name, more);
export const time = (name: string, more = {}) => column('timestamptz', name, more);
export const money = (name: string, more = {}) =>
  column('numeric', name, { precision: 10, scale: 2, ...more });
export const primary = { primary: true };
export const optional = { nullable: true };
export const now = { default: () => 'now()' };

/** What PostgreSQL and we call it: its rule for checks and unique keys without a name, ours for indexes. */
interface Rules {
  /** By the end of its name; TypeORM compares names, not what they say. */
  readonly checks?: Readonly<Record<string, string>>;
  readonly indices?: EntitySchemaOptions<Row>['indices'];
  readonly uniques?: EntitySchemaOptions<Row>['uniques'];
}
type Row = Readonly<Record<string, unknown>>;

export const table = (
  name: string,
  columns: Columns,
  { checks = {}, indices = [], uniques = [] }: Rules = {},
) =>
  new EntitySchema(
    Object.assign(new EntitySchemaOptions<Row>(), {
      name,
      tableName: name,
      columns,
      indices,
      uniques,
      checks: Object.entries(checks).map(([suffix, expression]) => ({
        name: `${name}_${suffix}`,
        expression,
      })),
    }),
  );
