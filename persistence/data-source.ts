// TypeORM over pg, for a server and for the embedded database alike. bigint and numeric stay text, as pg gives
// them; hot statements go to pg itself, by name, so that a connection prepares them once.
import type { ClientBase, Pool } from 'pg';
import { DataSource } from 'typeorm';
import { MIGRATIONS } from './migrations';
import type { Queryable, Statement } from './session';
import { TABLES } from './tables';

export interface DataSourceOptions {
  readonly connection: { readonly url: string } | { readonly host: string; readonly port: number };
  readonly poolSize: number;
  readonly applicationName: string;
  /** Called with faults of idle connections, which pg replaces by itself. */
  readonly onIdleFault: (error: unknown) => void;
}

const CONNECT_TIMEOUT_MS = 5_000;
/** A server that is gone without a word is noticed after about this long. */
const KEEPALIVE_AFTER_MS = 5_000;
const STATEMENT_TIMEOUT_MS = 30_000;

export async function openDataSource(options: DataSourceOptions): Promise<DataSource> {
  const { connection, poolSize, applicationName, onIdleFault } = options;
  const dataSource = new DataSource({
    type: 'postgres',
    ...('url' in connection ? connection : { ...connection, username: 'postgres', database: 'postgres' }),
    applicationName,
    poolSize,
    poolErrorHandler: onIdleFault,
    connectTimeoutMS: CONNECT_TIMEOUT_MS,
    extra: {
      keepAlive: true,
      keepAliveInitialDelayMillis: KEEPALIVE_AFTER_MS,
      ...('url' in connection ? { statement_timeout: STATEMENT_TIMEOUT_MS } : {}),
    },
    entities: TABLES,
    migrations: MIGRATIONS,
    migrationsTransactionMode: 'all',
    installExtensions: false,
  });
  return dataSource.initialize();
}

/** Statements on whichever connection of the pool is free. */
export function readerOf(dataSource: DataSource): Queryable {
  return on((dataSource.driver as unknown as { master: Pool }).master);
}

/** Named statements on a connection or a pool. */
export const on = (target: Pick<ClientBase | Pool, 'query'>): Queryable => ({
  async query<Row>({ name, text }: Statement, values: readonly unknown[]) {
    const result = await target.query({ name, text, values: [...values] });
    return result.rows as readonly Row[];
  },
});
