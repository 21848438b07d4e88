// A database as the rest sees it: a server with a pool and held connections, or the embedded one, where one
// connection serves everybody because PGlite is a single session.
import type { Logger } from 'pino';
import type { DataSource } from 'typeorm';
import { openDataSource, readerOf } from './data-source';
import { openEmbedded } from './embedded';
import { openHeldSession, type HeldSession, type SessionHooks } from './held-session';
import { migrate } from './migrate';
import type { Queryable } from './session';
import { shareConnection, type Connections } from './shared-connection';
import { tellingOutages } from './telling-outages';

export interface DatabaseOptions {
  /** Undefined: the embedded database in dataDir. */
  readonly url?: string;
  readonly dataDir: string;
  readonly applicationName: string;
  readonly logger: Logger;
  /**
   * Connections at most. One is shared by everybody; otherwise each session keeps one, so there must be more
   * than sessions. The embedded database has one.
   */
  readonly poolSize?: number;
}

export interface Database {
  readonly dataSource: DataSource;
  readonly embedded: boolean;
  /** Reads, and single statements that need no lock; rejects with RetryableError while the database is away. */
  readonly reader: Queryable;
  openSession(label: string, hooks?: SessionHooks): Promise<HeldSession>;
  /** Its sessions end with it. */
  close(): Promise<void>;
}

/** One held connection a kind, one for the worker number, and some for reads. */
const POOL_SIZE = 16;

/** Opens a database and brings its tables up to date. */
export async function openDatabase(options: DatabaseOptions): Promise<Database> {
  const { url, dataDir, applicationName, logger, poolSize = POOL_SIZE } = options;
  if (url !== undefined) {
    return connect({ url }, { applicationName, poolSize, logger }, () => Promise.resolve());
  }
  const embedded = await openEmbedded(dataDir, (error) =>
    logger.error({ err: error }, 'the embedded database stopped and is started anew'),
  );
  const close = () => embedded.close();
  try {
    return await connect(embedded.connection, { applicationName, poolSize: 1, logger }, close);
  } catch (error) {
    await close();
    throw error;
  }
}

async function connect(
  connection: Parameters<typeof openDataSource>[0]['connection'],
  {
    applicationName,
    poolSize,
    logger,
  }: Required<Pick<DatabaseOptions, 'applicationName' | 'poolSize' | 'logger'>>,
  closeServer: () => Promise<void>,
): Promise<Database> {
  const dataSource = await openDataSource({
    connection,
    poolSize,
    applicationName,
    onIdleFault: (error) => logger.warn({ err: error }, 'an idle database connection was lost'),
  });
  try {
    await migrate({ dataSource });
    const connections =
      poolSize === 1 ? await shareConnection(dataSource, logger) : pooled(dataSource, logger);
    return {
      dataSource,
      embedded: !('url' in connection),
      reader: tellingOutages(connections.reader),
      openSession: (label, hooks) => connections.openSession(label, hooks),
      async close() {
        await connections.close();
        await dataSource.destroy();
        await closeServer();
      },
    };
  } catch (error) {
    await dataSource.destroy();
    throw error;
  }
}

function pooled(dataSource: DataSource, logger: Logger): Connections {
  const sessions: HeldSession[] = [];
  return {
    reader: readerOf(dataSource),
    async openSession(label, hooks = {}) {
      const session = await openHeldSession(dataSource, label, hooks, logger);
      sessions.push(session);
      return session;
    },
    // One that is left open would try for ever to connect again.
    async close() {
      await Promise.all(sessions.map((session) => session.close()));
    },
  };
}
