// Connections to a server for what goes through whole tables: migrations and the audit. They are apart from those that orders
// and payments are written through, whose statements must not take long, and are there only while somebody uses them.
import type { PoolClient } from 'pg';
import type { DataSource } from 'typeorm';
import { cut } from './cut';
import { openDataSource, poolOf, readerOf, type DataSourceOptions } from './data-source';
import type { Queryable } from './session';

export interface PatientConnections {
  readonly dataSource: DataSource;
  readonly reader: Queryable;
  /** Ends them at once, also those in use: a node that stops does not wait for an audit. */
  close(): Promise<void>;
}

/** An audit reads two tables at a time at most. */
const POOL_SIZE = 4;

/** @throws Error as openDataSource does */
export async function openPatientConnections(
  options: Omit<DataSourceOptions, 'poolSize' | 'wholeTables'>,
): Promise<PatientConnections> {
  const dataSource = await openDataSource({
    ...options,
    poolSize: POOL_SIZE,
    wholeTables: true,
  });
  const busy = new Set<PoolClient>();
  poolOf(dataSource)
    .on('acquire', (client) => busy.add(client))
    .on('release', (_error, client) => busy.delete(client));
  return {
    dataSource,
    reader: readerOf(dataSource),
    async close() {
      const closed = dataSource.destroy();
      for (const client of busy) cut(client);
      await closed;
    },
  };
}
