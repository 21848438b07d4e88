// Connections to a server for what goes through whole tables: migrations and the audit. They are apart from those that orders
// and payments are written through, whose statements must not take long, and are there only while somebody uses them.
import { setTimeout as pause } from 'node:timers/promises';
import type { PoolClient } from 'pg';
import type { DataSource } from 'typeorm';
import { cut } from './cut';
import { openDataSource, poolOf, readerOf, type DataSourceOptions } from './data-source';
import type { Queryable, Statement } from './session';

export interface PatientConnections {
  readonly dataSource: DataSource;
  readonly reader: Queryable;
  /**
   * Ends them at once, also those in use: a node that stops does not wait for an audit.
   * @param others over which the server is told to give up what is under way; it would go on for nobody
   */
  close(others: Queryable): Promise<void>;
}

/** An audit reads two tables at a time at most. */
const POOL_SIZE = 4;

const CANCEL_WITHIN_MS = 2_000;
const CANCEL: Statement = { name: '', text: 'select pg_cancel_backend(pid) from unnest($1::int[]) as pid' };

/** The number of a connection's process at the server, which pg does not show in its types. */
const processOf = (client: PoolClient): number => (client as unknown as { processID: number }).processID;

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
    async close(others) {
      if (busy.size > 0) {
        const told = others.query(CANCEL, [[...busy].map(processOf)]).catch(() => undefined);
        // A server that is not there gives up by itself.
        await Promise.race([told, pause(CANCEL_WITHIN_MS, undefined, { ref: false })]);
      }
      const closed = dataSource.destroy();
      for (const client of busy) cut(client);
      await closed;
    },
  };
}
