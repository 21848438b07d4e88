// A shop of several nodes on servers of its own: one PostgreSQL, one NATS or three that form a cluster, and a payment
// platform that outlives every node. Nodes and servers can be killed, hung, cut off and started again one by one.
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import pino from 'pino';
import { Pool, type QueryResultRow } from 'pg';
import { callbackUrlOf } from '../../bin/callback-url';
import { Customers } from '../../bin/load/customers';
import { stockMarket } from '../../bin/load/market';
import { PATIENT, ShopClient, type ClientOptions } from '../../bin/load/shop-client';
import type { Market, wishFor } from '../../bin/load/wishes';
import { openKeys } from '../../bin/sandbox/keys';
import { startSandbox, type Sandbox } from '../../bin/sandbox/server';
import { startTestNode, type Environment, type TestNode } from '../helpers/node';
import { temporaryFolder } from '../../bin/local-servers/account';
import { freePort } from '../helpers/servers';
import { Shop } from '../helpers/shop';
import { lastingNats, lastingPostgres, type LastingServer } from './lasting-servers';
import { startWires, type Wires } from './wires';

export interface ClusterOptions {
  readonly nodes?: number;
  readonly natsServers?: 1 | 3;
  /** For every node. */
  readonly env?: Environment;
  /** Whether each node reaches its servers by wires of its own. */
  readonly wired?: boolean;
  /** More settings of PostgreSQL. */
  readonly settings?: readonly string[];
  /** The pauses of the payment platform before each callback. */
  readonly repeatAfterMs?: readonly number[];
}

/** All that a cluster consists of. */
interface Parts {
  readonly nodes: readonly TestNode[];
  readonly postgres: LastingServer;
  readonly nats: readonly LastingServer[];
  /** By the place of the node; none if they are not wired. */
  readonly wires: readonly Wires[];
  readonly platform: Sandbox;
  readonly dataDir: string;
}

/** NODES=1 tries the scenarios on a shop of one node. */
const NODES = Number(process.env['NODES'] ?? 3);

export class Cluster {
  readonly shop: Shop;
  readonly nodes: readonly TestNode[];
  readonly postgres: LastingServer;
  readonly nats: readonly LastingServer[];
  readonly wires: readonly Wires[];
  /** Of all nodes and the platform. */
  readonly dataDir: string;
  private readonly pool: Pool;
  private market: Promise<Market> | undefined;

  private constructor(private readonly parts: Parts) {
    ({
      nodes: this.nodes,
      postgres: this.postgres,
      nats: this.nats,
      wires: this.wires,
      dataDir: this.dataDir,
    } = parts);
    this.shop = new Shop(this.node(0));
    this.pool = new Pool({ connectionString: this.postgres.url, application_name: 'test', max: 4 });
    // The server comes and goes; whoever asks while it is away is told.
    this.pool.on('error', () => undefined);
  }

  static async start(options: ClusterOptions = {}): Promise<Cluster> {
    const opened: { stop(): Promise<void> }[] = [];
    const keep = <Server extends { stop(): Promise<void> }>(server: Server): Server => {
      opened.push(server);
      return server;
    };
    const dataDir = mkdtempSync(join(temporaryFolder(), 'trade-cluster-'));
    chmodSync(dataDir, 0o700);
    try {
      const [postgres, nats] = await Promise.all([
        lastingPostgres(options.settings ?? []).then(keep),
        lastingNats(options.natsServers ?? 1).then((all) => all.map(keep)),
      ]);
      const ports = await Promise.all(Array.from({ length: options.nodes ?? NODES }, freePort));
      const callbackUrl = ports.map((port) => callbackUrlOf(`http://127.0.0.1:${port}`));
      const logger = pino({ level: 'silent' });
      const { repeatAfterMs } = options;
      const platform = await startSandbox({
        port: await freePort(),
        dataDir,
        callbackUrl,
        logger,
        ...(repeatAfterMs === undefined ? {} : { repeatAfterMs }),
      });
      keep({ stop: () => platform.close() });
      const servers = { postgres: postgres.port, nats: nats.map((one) => one.port) };
      const wires = options.wired ? await Promise.all(ports.map(() => startWires(servers).then(keep))) : [];
      const nodes = await allOrNone(
        ports.map((port, place) => {
          const reached = wires[place] ?? { postgres, nats };
          return startTestNode({
            DATABASE_URL: postgres.url.replace(`:${postgres.port}/`, `:${reached.postgres.port}/`),
            NATS_URL: reached.nats.map((one) => `nats://127.0.0.1:${one.port}`).join(','),
            NATS_REPLICAS: String(nats.length),
            DATA_DIR: dataDir,
            SANDBOX_URL: platform.url,
            SANDBOX_PORT: '0',
            PORT: String(port),
            NODE_NAME: `node-${place + 1}`,
            LOG_LEVEL: 'info',
            ...options.env,
          });
        }),
      );
      return new Cluster({ nodes, postgres, nats, wires, platform, dataDir });
    } catch (error) {
      await Promise.allSettled(opened.map((server) => server.stop()));
      rmSync(dataDir, { recursive: true, force: true });
      throw error;
    }
  }

  node(place: number): TestNode {
    return this.nodes[place % this.nodes.length] as TestNode;
  }

  /** The node of this NODE_NAME. */
  named(name: string): TestNode {
    const node = this.nodes.find((one) => one.env['NODE_NAME'] === name);
    if (!node) throw new Error(`there is no ${name}`);
    return node;
  }

  /** Fills the shelves for all customers who come. */
  private async openMarket(): Promise<Market> {
    const client = new ShopClient({ ...PATIENT, urls: this.nodes.map((node) => node.url) });
    return stockMarket(client, this.node(0).adminToken).finally(() => client.close());
  }

  /**
   * New customers, whose tally begins now.
   * @param client what is to be other than a patient client's
   * @param wishes what the customers want, if not what customers usually want
   */
  async customers(
    seed: number,
    client: Partial<ClientOptions> = {},
    wishes?: typeof wishFor,
  ): Promise<Customers> {
    this.market ??= this.openMarket();
    const market = await this.market;
    const urls = this.nodes.map((node) => node.url);
    const { adminToken } = this.node(0);
    const keys = openKeys(this.dataDir);
    return new Customers({
      client: new ShopClient({ ...PATIENT, urls, ...client }),
      tokens: (userId) => Promise.resolve(this.node(0).token(userId)),
      market,
      seed,
      run: `run-${seed}-${Date.now()}`,
      sign: keys.sign,
      adminToken,
      pendingMs: 60_000,
      ...(wishes === undefined ? {} : { wishFor: wishes }),
    });
  }

  async sql<Row extends QueryResultRow>(text: string, values: readonly unknown[] = []): Promise<Row[]> {
    return (await this.pool.query<Row>(text, [...values])).rows;
  }

  /** Holders of shards, by node. @param kind number of the kind; all if none is named */
  async shardsByNode(): Promise<ReadonlyMap<string, number>> {
    const rows = await this.sql<{ node: string; shards: number }>(
      `select split_part(a.application_name, ' ', 2) as node, count(*)::int as shards ${HELD} group by 1`,
    );
    return new Map(rows.map(({ node, shards }) => [node, shards]));
  }

  /** The node that holds a shard's lock, if any does. */
  async holderOf(kindNumber: number, shard: number): Promise<string | undefined> {
    const [row] = await this.sql<{ node: string }>(
      `select split_part(a.application_name, ' ', 2) as node ${HELD} and l.classid = $1::int and l.objid = $2::int`,
      [kindNumber, shard],
    );
    return row?.node;
  }

  /** For afterAll; never throws. */
  async stop(): Promise<void> {
    const { platform, postgres, nats, wires } = this.parts;
    await this.pool.end().catch(() => undefined);
    await Promise.all(this.nodes.map((node) => node.remove()));
    await Promise.allSettled([
      platform.close(),
      ...[postgres, ...nats, ...wires].map((server) => server.stop()),
    ]);
    rmSync(this.dataDir, { recursive: true, force: true });
  }
}

const HELD = `from pg_locks l join pg_stat_activity a using (pid)
  where l.locktype = 'advisory' and l.granted and l.objsubid = 2 and l.classid between 1 and 6`;

async function allOrNone(starting: readonly Promise<TestNode>[]): Promise<readonly TestNode[]> {
  const started = await Promise.allSettled(starting);
  const nodes = started.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
  const failed = started.find((one) => one.status === 'rejected');
  if (!failed) return nodes;
  await Promise.all(nodes.map((node) => node.remove()));
  throw failed.reason;
}
