// Runs the numbered migrations at start, one node at a time.
import { setTimeout as pause } from 'node:timers/promises';
import { MigrationExecutor, type DataSource, type QueryRunner } from 'typeorm';

/** The first key of the two-key advisory lock of migrations. */
const LOCK = 101;
const ASK_EVERY_MS = 200;

/** @returns the names of the migrations that were run */
export async function migrate({
  dataSource,
}: {
  readonly dataSource: DataSource;
}): Promise<readonly string[]> {
  // All on one connection: the lock belongs to it, and the embedded database has no other.
  const runner = dataSource.createQueryRunner();
  try {
    await lock(runner);
    const executor = new MigrationExecutor(dataSource, runner);
    executor.transaction = 'all';
    const done = await executor.executePendingMigrations();
    return done.map((migration) => migration.name);
  } finally {
    await runner.query('select pg_advisory_unlock($1, 0)', [LOCK]).catch(() => undefined);
    await runner.release();
  }
}

/** Asks again and again: a statement that waits for the lock would run into the statement timeout. */
async function lock(runner: QueryRunner): Promise<void> {
  for (;;) {
    const [row] = (await runner.query('select pg_try_advisory_lock($1, 0) as got', [LOCK])) as {
      got: boolean;
    }[];
    if (row?.got) return;
    await pause(ASK_EVERY_MS);
  }
}
