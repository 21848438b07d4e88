// The databases of a node that a test starts: one for all kinds or, with TEST_DATABASES=per-kind, one for each. Tests
// that look into them with SQL of their own need not know which.
import { Client, type QueryResult, type QueryResultRow } from 'pg';
import { KINDS, type Kind } from '../../actors/domain/envelope';
import { loadConfig } from '../../bin/config';
import { kindOf } from './kind-tables';
import { freshDatabase } from './servers';

export interface FreshBooks {
  /** The settings that name them. */
  readonly env: Readonly<Record<string, string>>;
  /** Drops them, whoever is still connected. */
  drop(): Promise<void>;
}

const NAMES = [
  'ORDER_DATABASE_URL',
  'PAYMENT_DATABASE_URL',
  'GOODS_DATABASE_URL',
  'COUPON_DATABASE_URL',
  'WALLET_DATABASE_URL',
];

/** New, empty databases for a node on the shared server or, with its URL, on another. */
export async function freshBooks(
  server?: string,
  perKind = process.env['TEST_DATABASES'] === 'per-kind',
): Promise<FreshBooks> {
  const names = perKind ? NAMES : ['DATABASE_URL'];
  const databases = await Promise.all(names.map(() => freshDatabase(server)));
  return {
    env: Object.fromEntries(databases.map(({ url }, place) => [names[place], url])),
    drop: async () => {
      await Promise.all(databases.map((database) => database.drop()));
    },
  };
}

/** SQL of a test's own on a node's databases. */
export class NodeBooks {
  private constructor(
    private readonly clients: ReadonlyMap<string, Client>,
    private readonly urls: Urls,
  ) {}

  /** @param env the settings that the node was started with */
  static async open(env: Readonly<Record<string, string>>): Promise<NodeBooks> {
    const { databaseUrls } = loadConfig({}, env, { serving: false });
    const urls = Object.fromEntries(KINDS.map((kind) => [kind, databaseUrls[kind] ?? ''])) as Urls;
    const clients = new Map(
      [...new Set(Object.values(urls))].map((url) => [url, new Client({ connectionString: url })]),
    );
    await Promise.all([...clients.values()].map((client) => client.connect()));
    return new NodeBooks(clients, urls);
  }

  /** @param kind where the rows are, if the tables that the statement names do not say it */
  query<Row extends QueryResultRow>(
    text: string,
    values: readonly unknown[] = [],
    kind: Kind = kindOf(text),
  ): Promise<QueryResult<Row>> {
    return this.clientOf(this.urls[kind]).query<Row>(text, [...values]);
  }

  /** The same statement on each database, one after the other. @returns all their rows */
  async everywhere<Row extends QueryResultRow>(
    text: string,
    values: readonly unknown[] = [],
  ): Promise<Row[]> {
    const rows: Row[] = [];
    for (const client of this.clients.values())
      rows.push(...(await client.query<Row>(text, [...values])).rows);
    return rows;
  }

  async end(): Promise<void> {
    await Promise.all([...this.clients.values()].map((client) => client.end()));
  }

  private clientOf(url: string): Client {
    const client = this.clients.get(url);
    if (!client) throw new Error('no such database is open');
    return client;
  }
}

type Urls = Readonly<Record<Kind, string>>;
