// A migrated, empty database on each of the two that the system runs on.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pino from 'pino';
import { openDatabase, type Database } from '../../persistence/database';
import { copyEmbedded } from './pglite-template';
import { freshDatabase } from './servers';

export type TestDatabase = Database & {
  /** Closes it and takes it away. */
  drop(): Promise<void>;
};

const logger = pino({ level: 'silent' });

const openPostgres = async (): Promise<TestDatabase> => {
  const fresh = await freshDatabase();
  const database = await openDatabase({ url: fresh.url, dataDir: '', applicationName: 'test', logger });
  return {
    ...database,
    drop: async () => {
      await database.close();
      await fresh.drop();
    },
  };
};

const openPglite = async (): Promise<TestDatabase> => {
  const dataDir = mkdtempSync(join(tmpdir(), 'trade-test-'));
  await copyEmbedded(dataDir);
  const database = await openDatabase({ dataDir, applicationName: 'test', logger });
  return {
    ...database,
    drop: async () => {
      await database.close();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
};

export const DATABASES: readonly { readonly name: string; readonly open: () => Promise<TestDatabase> }[] = [
  { name: 'PGlite', open: openPglite },
  { name: 'PostgreSQL', open: openPostgres },
];
