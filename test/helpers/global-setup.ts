// One PostgreSQL and one nats-server for the whole run. URLs that are already in the environment are used as
// they are, and nothing is started for them.
import { connect } from 'nats';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { findNats } from '../../bin/local-servers/find-nats';
import { findPostgres } from '../../bin/local-servers/find-postgres';
import { startNats } from './server-nats';
import { startPostgres } from './server-postgres';

/** What global-teardown.ts has to stop. */
export interface Started {
  tradeTestServers?: { stop(): Promise<void> }[];
}

export default async function setUp(): Promise<void> {
  const started = await Promise.allSettled([database(), broker()]);
  const stops = started.flatMap((one) => (one.status === 'fulfilled' ? one.value : []));
  stops.push(embeddedTemplate());
  (globalThis as Started).tradeTestServers = stops;
  const failed = started.find((one) => one.status === 'rejected');
  if (failed === undefined) return;
  await Promise.all(stops.map((server) => server.stop()));
  throw failed.reason;
}

async function database(): Promise<{ stop(): Promise<void> }[]> {
  const given = process.env['TEST_DATABASE_URL'];
  if (given !== undefined) {
    const client = new Client({ connectionString: given });
    await client.connect().catch((error: unknown) => unreachable('TEST_DATABASE_URL', error));
    await client.end();
    return [];
  }
  // Workers that start servers of their own need not look again.
  process.env['TEST_POSTGRES_BIN'] = findPostgres();
  const server = await startPostgres();
  process.env['TEST_DATABASE_URL'] = server.url;
  return [server];
}

async function broker(): Promise<{ stop(): Promise<void> }[]> {
  const given = process.env['TEST_NATS_URL'];
  if (given !== undefined) {
    const connection = await connect({ servers: given }).catch((error: unknown) =>
      unreachable('TEST_NATS_URL', error),
    );
    await connection.close();
    return [];
  }
  process.env['TEST_NATS_SERVER'] = findNats();
  const server = await startNats();
  process.env['TEST_NATS_URL'] = server.url;
  return [server];
}

function unreachable(name: string, error: unknown): never {
  throw new Error(`${name} is set, but nothing answers there: ${String(error)}`, { cause: error });
}

/** The folder for copyEmbedded of pglite-template.ts. */
function embeddedTemplate(): { stop(): Promise<void> } {
  const folder = mkdtempSync(join(tmpdir(), 'trade-template-'));
  process.env['TEST_PGLITE_TEMPLATE'] = folder;
  return {
    stop: () => {
      rmSync(folder, { recursive: true, force: true });
      return Promise.resolve();
    },
  };
}
