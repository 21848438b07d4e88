// Runs the numbered migrations at start, one node at a time.
import { MigrationExecutor, type DataSource } from 'typeorm';

/** The first key of the two-key advisory lock of migrations. */
const LOCK = 101;

/** @returns the names of the migrations that were run */
export async function migrate({
  dataSource,
}: {
  readonly dataSource: DataSource;
}): Promise<readonly string[]> {
  // All on one connection: the lock belongs to it, and the embedded database has no other.
  const runner = dataSource.createQueryRunner();
  try {
    await runner.query('select pg_advisory_lock($1, 0)', [LOCK]);
    const executor = new MigrationExecutor(dataSource, runner);
    executor.transaction = 'all';
    const done = await executor.executePendingMigrations();
    await runner.query('select pg_advisory_unlock($1, 0)', [LOCK]);
    return done.map((migration) => migration.name);
  } finally {
    await runner.release();
  }
}
