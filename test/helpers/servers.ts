// What a test that needs real servers imports. The two that all tests share are started by global-setup.ts;
// a test that kills or restarts one starts its own.
import { randomUUID } from 'node:crypto';
import { Client } from 'pg';

export { freePort } from './free-port';
export { startNats, type NatsOptions, type NatsServer } from './server-nats';
export { startPostgres, type PostgresOptions, type PostgresServer } from './server-postgres';
export { until } from './until';

export interface FreshDatabase {
  readonly url: string;
  /** Drops it, whoever is still connected. */
  drop(): Promise<void>;
}

/** The shared database server's URL: its database `postgres`, as superuser. */
export function databaseUrl(): string {
  return given('TEST_DATABASE_URL');
}

/** The shared broker's URL. Other tests use it too: name streams and subjects of your own, or start another. */
export function natsUrl(): string {
  return given('TEST_NATS_URL');
}

/** A new, empty database on the shared server or, with its URL, on another. */
export async function freshDatabase(server = databaseUrl()): Promise<FreshDatabase> {
  const name = `test_${randomUUID().replaceAll('-', '')}`;
  await runOn(server, `CREATE DATABASE ${name}`);
  const url = new URL(server);
  url.pathname = `/${name}`;
  return { url: url.href, drop: () => runOn(server, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`) };
}

async function runOn(url: string, statement: string): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}

function given(name: string): string {
  const value = process.env[name];
  if (value === undefined) throw new Error(`${name} is not set: it comes from global-setup.ts`);
  return value;
}
