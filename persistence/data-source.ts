// TypeORM over pg, for a server and for the embedded database alike. bigint and numeric stay text, as pg gives
// them; hot statements go to pg itself, by name, so that a connection prepares them once.
import type { ClientBase, Pool } from 'pg';
import { DataSource } from 'typeorm';
import { MIGRATIONS } from './migrations';
import type { Queryable, Statement } from './session';
import { messageOf } from './sql-errors';
import { TABLES } from './tables';

export interface DataSourceOptions {
  readonly connection: { readonly url: string } | { readonly host: string; readonly port: number };
  readonly poolSize: number;
  readonly applicationName: string;
  /** Its statements go through whole tables: they read them as they lie, and may take long. */
  readonly wholeTables?: boolean;
  /** Called with faults of idle connections, which pg replaces by itself. */
  readonly onIdleFault: (error: unknown) => void;
}

const CONNECT_TIMEOUT_MS = 5_000;
const STATEMENT_TIMEOUT_MS = 30_000;
/**
 * An index of a table that has grown for years, or the sum of a ledger as large, takes minutes. What takes longer than this
 * hangs.
 */
const WHOLE_TABLES_TIMEOUT_MS = 3_600_000;

/**
 * A connection keeps the plans of its statements, also those made while the tables were small: they go by keys, and must not
 * read whole tables until the statistics are made anew. Small flushes are planned anew every time otherwise, which takes
 * several times as long as running them.
 */
const BY_KEYS: readonly string[] = ['enable_seqscan=off', 'plan_cache_mode=force_generic_plan'];

const serverSettings = (wholeTables: boolean) => ({
  // A server that is gone without a word is noticed here, and a node that is gone at the server, whose
  // locks it then loses.
  keepAlive: true,
  keepAliveInitialDelayMillis: 5_000,
  options: [
    ...(wholeTables ? [] : BY_KEYS),
    'jit=off',
    'tcp_keepalives_idle=10',
    'tcp_keepalives_interval=5',
    'tcp_keepalives_count=3',
  ]
    .map((setting) => `-c ${setting}`)
    .join(' '),
  statement_timeout: timeoutOf(wholeTables),
  // The server ends its statements earlier: silence for this long means that nobody is there any more, and
  // pg then drops a pipelined connection.
  query_timeout: timeoutOf(wholeTables) + 10_000,
});

const timeoutOf = (wholeTables: boolean): number =>
  wholeTables ? WHOLE_TABLES_TIMEOUT_MS : STATEMENT_TIMEOUT_MS;

/**
 * Parameters that no database URL may have: pg lets it win over what is set here and by those who write. Without its
 * application_name a node that hangs is never fenced (R9).
 */
export const OWN_PARAMETERS: readonly string[] = [
  'application_name',
  'lock_timeout',
  'idle_in_transaction_session_timeout',
  ...Object.keys(serverSettings(false)),
];

/** @throws Error saying where the database does not answer, and why */
export async function openDataSource(options: DataSourceOptions): Promise<DataSource> {
  const { connection, poolSize, applicationName, wholeTables = false, onIdleFault } = options;
  const isServer = 'url' in connection;
  const dataSource = new DataSource({
    type: 'postgres',
    ...(isServer ? connection : { ...connection, username: 'postgres', database: 'postgres' }),
    applicationName,
    poolSize,
    poolErrorHandler: (fault: unknown) => onIdleFault(withoutItsConnection(fault)),
    connectTimeoutMS: CONNECT_TIMEOUT_MS,
    // Statements of several callers on one connection are sent without waiting for each other's answers.
    extra: { pipeline: true, onConnect: hearFaults, ...(isServer ? serverSettings(wholeTables) : {}) },
    entities: TABLES,
    migrations: MIGRATIONS,
    migrationsTransactionMode: 'all',
    installExtensions: false,
  });
  try {
    return await dataSource.initialize();
  } catch (error) {
    throw new Error(`the database (${placeOf(connection)}) cannot be opened: ${reasonOf(error)}`, {
      cause: error,
    });
  }
}

/** The pool hangs the whole connection on the fault, down to the text of its statements: too much for a log. */
function withoutItsConnection(fault: unknown): unknown {
  if (fault instanceof Error) Reflect.deleteProperty(fault, 'client');
  return fault;
}

/**
 * Between two who use it nobody listens to a connection, and a fault that nobody hears ends the process. Who uses one
 * learns of its fault by a listener of their own, or by what they asked.
 */
function hearFaults(client: ClientBase): void {
  client.on('error', () => undefined);
}

/** Statements on whichever connection of the pool is free. */
export function readerOf(dataSource: DataSource): Queryable {
  return on(poolOf(dataSource));
}

/** The pool below TypeORM. */
export const poolOf = (dataSource: DataSource): Pool =>
  (dataSource.driver as unknown as { master: Pool }).master;

/** Named statements on a connection or a pool. */
export const on = (target: Pick<ClientBase | Pool, 'query'>): Queryable => ({
  async query<Row>({ name, text }: Statement, values: readonly unknown[]) {
    const result = await target.query({ name, text, values: [...values] });
    return result.rows as readonly Row[];
  },
});

/** A database's name for people: without user and password. */
export function placeOf(connection: DataSourceOptions['connection']): string {
  if (!('url' in connection)) return 'embedded';
  if (!URL.canParse(connection.url)) return 'not a URL';
  const url = new URL(connection.url);
  return `${url.host}${url.pathname}`;
}

/** A host with several addresses fails with one error an address, and no message of its own. */
const reasonOf = (error: unknown): string =>
  error instanceof AggregateError ? error.errors.map(messageOf).join('; ') : messageOf(error);
