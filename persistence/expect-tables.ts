// Whoever only reads and operates changes no tables: it finds those that this program knows, or says what to do.
import type { DataSource } from 'typeorm';
import { MIGRATIONS } from './migrations';

/**
 * Tables of a later version are fine: versions beside each other get on with them.
 * @param place the database's name for people
 * @throws Error naming `trade migrate` if there are no tables, or older ones
 */
export async function expectTables(
  { dataSource }: { readonly dataSource: DataSource },
  place: string,
): Promise<void> {
  const run = await migrationsRun(dataSource);
  if (run.length === 0) throw noTables(place);
  if (MIGRATIONS.every(({ name }) => run.includes(name))) return;
  throw new Error(
    `the tables of the database (${place}) are older than this program: trade migrate brings them up to date`,
  );
}

/** What is said of a database that is no shop's, or not yet. */
const noTables = (place: string): Error =>
  new Error(
    `the database (${place}) has no tables of the shop: if it is the right one, trade migrate makes them`,
  );

/** Not by TypeORM's executor, which makes its own table to look into it. */
async function migrationsRun(dataSource: DataSource): Promise<readonly string[]> {
  const [found] = await dataSource.query<{ there: boolean }[]>(
    "select to_regclass('migrations') is not null as there",
  );
  if (!found?.there) return [];
  const rows = await dataSource.query<{ name: string }[]>('select name from migrations');
  return rows.map(({ name }) => name);
}
