// A database as the rest sees it: a server with a pool and held connections, or the embedded one, where one
// connection serves everybody because PGlite is a single session.
import type { ClientBase } from 'pg';
import type { Logger } from 'pino';
import type { DataSource } from 'typeorm';
import { on, openDataSource, readerOf } from './data-source';
import { openEmbedded } from './embedded';
import { openHeldSession, type HeldSession, type SessionHooks } from './held-session';
import { migrate } from './migrate';
import type { Queryable, Statement } from './session';

export interface DatabaseOptions {
  /** Undefined: the embedded database in dataDir. */
  readonly url?: string;
  readonly dataDir: string;
  readonly applicationName: string;
  readonly logger: Logger;
  /** Connections at most; the embedded database has one. */
  readonly poolSize?: number;
}

export interface Database {
  readonly dataSource: DataSource;
  readonly embedded: boolean;
  /** Reads, and single statements that need no lock. */
  readonly reader: Queryable;
  openSession(label: string, hooks?: SessionHooks): Promise<HeldSession>;
  close(): Promise<void>;
}

/** One held connection a kind, one for the worker number, and some for reads. */
const POOL_SIZE = 16;

/** Opens a database and brings its tables up to date. */
export async function openDatabase(options: DatabaseOptions): Promise<Database> {
  return options.url === undefined ? openOwn(options) : openServer(options, options.url);
}

async function openServer(options: DatabaseOptions, url: string): Promise<Database> {
  const { logger, applicationName, poolSize = POOL_SIZE } = options;
  const dataSource = await openDataSource({
    connection: { url },
    poolSize,
    applicationName,
    onIdleFault: (error) => logger.warn({ err: error }, 'an idle database connection was lost'),
  });
  await migrate({ dataSource });
  return {
    dataSource,
    embedded: false,
    reader: readerOf(dataSource),
    openSession: (label, hooks = {}) => openHeldSession(dataSource, label, hooks, logger),
    close: () => dataSource.destroy(),
  };
}

async function openOwn({ dataDir, applicationName, logger }: DatabaseOptions): Promise<Database> {
  const embedded = await openEmbedded(dataDir);
  try {
    const dataSource = await openDataSource({
      connection: embedded.connection,
      poolSize: 1,
      applicationName,
      onIdleFault: (error) => logger.error({ err: error }, 'the embedded database was lost'),
    });
    await migrate({ dataSource });
    // Each of our statements is whole in itself, so nothing interleaves with a transaction.
    const runner = dataSource.createQueryRunner();
    const shared = oneAtATime(on((await runner.connect()) as ClientBase));
    return {
      dataSource,
      embedded: true,
      reader: shared,
      openSession: async (_label, hooks = {}) => {
        await hooks.prepare?.(shared);
        hooks.onReady?.();
        return { ...shared, isReady: () => true, close: () => Promise.resolve() };
      },
      async close() {
        await runner.release();
        await dataSource.destroy();
        await embedded.close();
      },
    };
  } catch (error) {
    await embedded.close();
    throw error;
  }
}

/** Statements of many callers on one connection, each begun when the one before has ended. */
function oneAtATime(connection: Queryable): Queryable {
  let last: Promise<unknown> = Promise.resolve();
  return {
    query<Row>(statement: Statement, values: readonly unknown[]) {
      const result = last.then(() => connection.query<Row>(statement, values));
      last = result.catch(() => undefined);
      return result;
    },
  };
}
