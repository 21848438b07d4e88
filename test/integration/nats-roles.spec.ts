// deploy/nats.conf on three real servers: a cluster that keeps streams three times, where nodes share the work with what
// their user may do, and nobody may do more than is theirs.
import { connect } from 'nats';
import { join } from 'node:path';
import { STREAMS } from '../../actors/domain/events';
import type { ClusterStatus } from '../../bin/cluster-status';
import { trade } from '../helpers/cli';
import { ROOT } from '../helpers/documents';
import { closeConnections, connectAs, PASSWORD, passwordsOf, refused, RIGHTS } from '../helpers/nats-rights';
import { startTestNode, type TestNode } from '../helpers/node';
import { freshBooks, type FreshBooks } from '../helpers/node-books';
import { Scratch } from '../helpers/server-scratch';
import { freePort, startNats, type NatsServer } from '../helpers/servers';
import { PHONE, Shop } from '../helpers/shop';
import { until } from '../helpers/until';

jest.setTimeout(60_000);

const stores = Scratch.open('stores');
let servers: NatsServer[] = [];
let books: FreshBooks | undefined;
const nodes: TestNode[] = [];

const url = (): string => servers.map((server) => server.url).join(',');
const shopAt = (place: number): Shop => new Shop(nodes[place]!);

/** What the containers give each, but for addresses and stores that three servers on one machine need. */
async function startCluster(): Promise<NatsServer[]> {
  const ports = [await freePort(), await freePort(), await freePort()];
  const routes = ports.map((port) => `nats-route://route:${PASSWORD}@127.0.0.1:${port}`);
  const env = {
    ...passwordsOf('node', 'operator', 'checkout', 'system', 'route'),
    ...Object.fromEntries(routes.map((route, place) => [`NATS_ROUTE_${place + 1}`, `"${route}"`])),
  };
  const start = async (route: number, place: number): Promise<NatsServer> => {
    const name = `nats-${place + 1}`;
    const [port, monitor] = [await freePort(), await freePort()];
    const flags = {
      '--config': join(ROOT, 'deploy', 'nats.conf'),
      '--store_dir': join(stores.path, name),
      '--addr': '127.0.0.1',
      '--port': port,
      '--http_port': monitor,
      '--cluster': `nats://127.0.0.1:${route}`,
    };
    const args = Object.entries(flags).flatMap(([flag, value]) => [flag, String(value)]);
    return startNats({ name, port, args, env: { ...env, NATS_SERVER_NAME: `"${name}"` } });
  };
  return Promise.all(ports.map(start));
}

beforeAll(async () => {
  servers = await startCluster();
  books = await freshBooks();
  const env = {
    ...books.env,
    NATS_URL: url(),
    NATS_USER: 'node',
    NATS_PASSWORD: PASSWORD,
    NATS_REPLICAS: '3',
  };
  const first = await startTestNode({ ...env, NODE_NAME: 'first' });
  nodes.push(first);
  const sandbox = { SANDBOX_PORT: '0', SANDBOX_URL: first.sandboxUrl, DATA_DIR: first.dataDir };
  nodes.push(await startTestNode({ ...env, ...sandbox, NODE_NAME: 'second' }));
}, 120_000);

afterEach(closeConnections);
afterAll(async () => {
  await Promise.all(nodes.map((node) => node.remove()));
  await Promise.all([books?.drop(), ...servers.map((server) => server.stop())]);
  stores.release();
});

it('keeps three copies of each stream', async () => {
  const operator = await connectAs(url(), 'operator');
  const manager = await operator.jetstreamManager();
  for (const stream of STREAMS) {
    const { config, cluster } = await manager.streams.info(stream);
    expect(config.num_replicas).toBe(3);
    expect(cluster?.replicas).toHaveLength(2);
  }
});

it('lets nodes hear each other and share every shard', async () => {
  const node = await connectAs(url(), 'node');
  const heard = new Set<string>();
  node.subscribe('trade.cluster.heartbeat', { callback: (_, { data }) => heard.add(nodeIn(data)) });
  await until('both to be heard', () => heard.size === 2);
  const status = async () =>
    JSON.parse(await trade(nodes[0]!, 'cluster', 'status', '--json')) as ClusterStatus;
  await until('the shards to be shared', async () =>
    (await status()).nodes.every(({ shards }) => shards.order === 32 && shards.wallet === 32),
  );
  expect(await status()).toMatchObject({
    nodes: [{ node: 'first' }, { node: 'second' }],
    free: {},
    broker: { streams: STREAMS.map((stream) => ({ stream, replicas: 3 })) },
  });
});

it('lets nodes work: orders, payments, cancellations, every group, across nodes', async () => {
  await Promise.all(
    [0, 1, 0, 1, 0, 1].map(async (place) => {
      const cancelled = await shopAt(place).confirmedOrder([PHONE], { moneyPaid: '10.00' });
      await shopAt(1 - place).cancelOrder(cancelled);
      await shopAt(place).paidOrder(await shopAt(1 - place).confirmedOrder([PHONE]));
    }),
  );
  await shopAt(0).booksAreClean(30_000);
});

it('answers others than nodes, at whichever server they are', async () => {
  const orderId = await shopAt(0).confirmedOrder([PHONE]);
  for (const user of ['operator', 'checkout'])
    for (const server of servers) {
      const connection = await connectAs(server.url, user);
      const reply = await connection.request('trade.order.find', JSON.stringify({ orderId }), {
        timeout: 5_000,
      });
      expect(reply.json()).toMatchObject({ data: { orderStatus: 1 } });
    }
});

it("lets the servers' own user empty the account, for a restore, and nodes make it anew", async () => {
  const [operator, system] = await Promise.all([connectAs(url(), 'operator'), connectAs(url(), 'system')]);
  const { streams } = await operator.jetstreamManager();
  const created = async () => (await streams.info('orderTopic')).created;
  const before = await created();
  const answer = await system.request('$JS.API.ACCOUNT.PURGE.TRADE', '', { timeout: 5_000 });
  expect(answer.json()).toMatchObject({ initiated: true });
  // With the next event, nodes find that it is gone.
  await until(
    'another stream',
    async () => {
      await shopAt(0).cancelOrder(await shopAt(1).confirmedOrder([PHONE]));
      return (await created().catch(() => before)) !== before;
    },
    30_000,
  );
  await shopAt(0).booksAreClean(30_000);
});

it('goes on with two of three servers', async () => {
  servers[0]!.kill();
  for (const place of [0, 1])
    await until(
      'orders to be placed again',
      async () => (await shopAt(place).placeOrder([PHONE])).status === 200,
      30_000,
    );
  await shopAt(0).booksAreClean(30_000);
  for (const node of nodes) expect(node.logs()).not.toMatch(/permissions/i);
});

// What is published here is no event that fits: the books are not clean after it.
it.each(RIGHTS)('%s, %s: what it may, and nothing else', async (...rights) => {
  const [, , , mayNot] = rights;
  expect(await refused(url(), rights)).toEqual(mayNot);
});

it.each([
  ['node', 'wrong'],
  ['operator', ''],
  ['service', PASSWORD],
  ['route', PASSWORD],
])('does not let %s in with %j', async (user, pass) => {
  const connecting = connect({ servers: url().split(','), user, pass });
  await expect(connecting).rejects.toMatchObject({ code: 'AUTHORIZATION_VIOLATION' });
});

const nodeIn = (heartbeat: Uint8Array): string =>
  (JSON.parse(Buffer.from(heartbeat).toString()) as { node: string }).node;
