// A database as the rest sees it: a server with a pool and held connections, or the embedded one, where one
// connection serves everybody because PGlite is a single session.
import type { Logger } from 'pino';
import type { DataSource } from 'typeorm';
import { openDataSource, placeOf, readerOf } from './data-source';
import { hasEmbedded, openEmbedded } from './embedded';
import { expectTables } from './expect-tables';
import { openHeldSession, type HeldSession, type SessionHooks } from './held-session';
import { migrate } from './migrate';
import { openPatientConnections, type PatientConnections } from './patient-connections';
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
  /** Whether the tables are brought up to date, as every node does; else they must be already. True if not given. */
  readonly migrates?: boolean;
}

export interface Database {
  readonly dataSource: DataSource;
  readonly embedded: boolean;
  /** Reads, and single statements that need no lock; rejects with RetryableError while the database is away. */
  readonly reader: Queryable;
  /** For statements that go through whole tables, and may take long. */
  readonly patientReader: Queryable;
  openSession(label: string, hooks?: SessionHooks): Promise<HeldSession>;
  /** Its sessions end with it. */
  close(): Promise<void>;
}

/**
 * A node holds up to nine: one a kind, one for joint commits, one for the sign of life and one for the worker number. The others
 * are for reads.
 */
const POOL_SIZE = 16;

/**
 * Opens a database and brings its tables up to date, or only looks whether they are.
 * @throws Error with one clear line
 */
export async function openDatabase(options: DatabaseOptions): Promise<Database> {
  const { url, dataDir, applicationName, logger, poolSize = POOL_SIZE, migrates = true } = options;
  if (url !== undefined) {
    return connect({ url }, { applicationName, poolSize, logger, migrates }, () => Promise.resolve());
  }
  if (!migrates && !hasEmbedded(dataDir))
    throw new Error(
      `nothing is kept in ${dataDir}, and no node runs there: if it is the right DATA_DIR, trade migrate makes the tables`,
    );
  const embedded = await openEmbedded(dataDir, (error) =>
    logger.error({ err: error }, 'the embedded database stopped and is started anew'),
  );
  const close = () => embedded.close();
  try {
    return await connect(embedded.connection, { applicationName, poolSize: 1, logger, migrates }, close);
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
    migrates,
  }: Required<Pick<DatabaseOptions, 'applicationName' | 'poolSize' | 'logger' | 'migrates'>>,
  closeServer: () => Promise<void>,
): Promise<Database> {
  const options = {
    connection,
    applicationName,
    onIdleFault: (error: unknown) => logger.warn({ err: error }, 'an idle database connection was lost'),
  };
  const dataSource = await openDataSource({ ...options, poolSize });
  let patient: PatientConnections | undefined;
  try {
    // The embedded database has one connection, and no limit to how long a statement may take.
    if ('url' in connection) patient = await openPatientConnections(options);
    if (migrates) await migrate(patient ?? { dataSource });
    else await expectTables({ dataSource }, placeOf(connection));
    const connections =
      poolSize === 1 ? await shareConnection(dataSource, logger) : pooled(dataSource, logger);
    return {
      dataSource,
      embedded: !('url' in connection),
      reader: tellingOutages(connections.reader),
      patientReader: tellingOutages(patient?.reader ?? connections.reader),
      openSession: (label, hooks) => connections.openSession(label, hooks),
      async close() {
        await patient?.close(connections.reader);
        await connections.close();
        await dataSource.destroy();
        await closeServer();
      },
    };
  } catch (error) {
    await patient?.close(readerOf(dataSource));
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
