// A migrated, empty database on each of the two that the system runs on.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pino from 'pino';
import { KINDS, type Kind } from '../../actors/domain/envelope';
import { openDatabase, type Database } from '../../persistence/database';
import type { Readers } from './books';
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

export interface TestBooks {
  /** The same object for kinds that share a database. */
  readonly readers: Readers;
  /** One a database. */
  readonly databases: readonly TestDatabase[];
  drop(): Promise<void>;
}

/** @param of which of the databases holds a kind: the pay log lives with the payments */
const booksOver = (
  databases: readonly TestDatabase[],
  of: (kind: Kind) => TestDatabase | undefined,
): TestBooks => ({
  readers: Object.fromEntries(KINDS.map((kind) => [kind, of(kind)?.reader])) as unknown as Readers,
  databases,
  drop: async () => {
    await Promise.all(databases.map((database) => database.drop()));
  },
});

/** The books of all kinds, in each way in which they may lie. */
export const BOOKS: readonly { readonly name: string; readonly open: () => Promise<TestBooks> }[] = [
  ...DATABASES.map(({ name, open }) => ({
    name,
    open: async () => {
      const database = await open();
      return booksOver([database], () => database);
    },
  })),
  {
    name: 'PostgreSQL, a database per kind',
    open: async () => {
      const kinds = KINDS.filter((kind) => kind !== 'pay-log');
      const databases = await Promise.all(kinds.map(openPostgres));
      return booksOver(databases, (kind) => databases[kinds.indexOf(kind === 'pay-log' ? 'payment' : kind)]);
    },
  },
];
