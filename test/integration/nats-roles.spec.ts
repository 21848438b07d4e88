// deploy/nats.conf on three real servers: a cluster that keeps streams three times, where a whole node works with what
// its role may do, and nobody may do more than is theirs.
import { connect, type NatsConnection } from 'nats';
import { join } from 'node:path';
import { STREAMS } from '../../actors/domain/events';
import { startTestNode, type TestNode } from '../helpers/node';
import { freshBooks, type FreshBooks } from '../helpers/node-books';
import { freePort, startNats, type NatsServer } from '../helpers/servers';
import { PHONE, Shop } from '../helpers/shop';
import { until } from '../helpers/until';

jest.setTimeout(40_000);

const CONFIG = join(__dirname, '..', '..', 'deploy', 'nats.conf');
/** Of digits: as a value of the configuration it would be a number, were it not in quotes. */
const PASSWORD = '0123456789';
const ROLES = ['NODE', 'OPERATOR', 'SERVICE', 'SYSTEM', 'ROUTE'];

let servers: NatsServer[] = [];
let books: FreshBooks | undefined;
let node: TestNode | undefined;

const url = (): string => servers.map((server) => server.url).join(',');

async function startCluster(): Promise<NatsServer[]> {
  const ports = [await freePort(), await freePort(), await freePort()];
  const routes = ports.map((port) => `nats-route://route:${PASSWORD}@127.0.0.1:${port}`);
  const env = Object.fromEntries([
    ['NATS_SERVER_NAME', '"test"'],
    ...ROLES.map((role) => [`NATS_${role}_PASSWORD`, `"${PASSWORD}"`]),
    ...routes.map((route, place) => [`NATS_ROUTE_${place + 1}`, `"${route}"`]),
  ]) as Record<string, string>;
  // Three servers on one machine need ports of their own.
  const args = async (port: number) => [
    '--config',
    CONFIG,
    '--cluster',
    `nats://127.0.0.1:${port}`,
    '-m',
    String(await freePort()),
  ];
  return Promise.all(ports.map(async (port) => startNats({ args: await args(port), env })));
}

const connectAs = (user: string): Promise<NatsConnection> =>
  connect({ servers: url().split(','), user, pass: PASSWORD });

beforeAll(async () => {
  servers = await startCluster();
  books = await freshBooks();
  node = await startTestNode({
    ...books.env,
    NATS_URL: url(),
    NATS_USER: 'node',
    NATS_PASSWORD: PASSWORD,
    NATS_REPLICAS: '3',
  });
}, 120_000);

afterAll(async () => {
  await node?.remove();
  await Promise.all([books?.drop(), ...servers.map((server) => server.stop())]);
});

/** @returns whether the server lets it; the answer to a publication tells by coming after the refusal */
async function may(user: string, verb: 'publish' | 'subscribe', subject: string): Promise<boolean> {
  const connection = await connectAs(user);
  let refused = false;
  void (async () => {
    for await (const { data } of connection.status()) if (data === 'PERMISSIONS_VIOLATION') refused = true;
  })();
  try {
    if (verb === 'publish') connection.publish(subject);
    else connection.subscribe(subject, { callback: (error) => (refused ||= error !== null) });
    await connection.flush();
    await connection.flush();
    return !refused;
  } finally {
    await connection.close();
  }
}

it('keeps three copies of each stream', async () => {
  const connection = await connectAs('operator');
  const manager = await connection.jetstreamManager();
  for (const stream of STREAMS) {
    const { config, cluster } = await manager.streams.info(stream);
    expect(config.num_replicas).toBe(3);
    expect(cluster?.replicas).toHaveLength(2);
  }
  await connection.close();
});

it('lets a whole node work: orders, payments, cancellations, every group', async () => {
  const shop = new Shop(node!);
  const cancelled = await shop.confirmedOrder([PHONE], { moneyPaid: '10.00' });
  await shop.cancelOrder(cancelled);
  await shop.paidOrder(await shop.confirmedOrder([PHONE]));
  await shop.booksAreClean(30_000);
  expect(node?.logs()).not.toMatch(/permissions/i);
});

it('lets an operator ask and inject, and a service ask what customers may', async () => {
  const shop = new Shop(node!);
  const orderId = await shop.confirmedOrder([PHONE]);
  const [operator, service] = await Promise.all([connectAs('operator'), connectAs('service')]);
  const ask = async (as: NatsConnection, subject: string, body: object) =>
    (await as.request(subject, JSON.stringify(body), { timeout: 5_000 })).json<{
      data: Record<string, unknown>;
    }>().data;
  expect(await ask(service, 'trade.order.find', { orderId })).toMatchObject({ orderStatus: 1 });
  operator.publish('orderTopic.order_cancel', JSON.stringify({ orderId }));
  const status = async () => (await ask(operator, 'trade.order.find', { orderId }))['orderStatus'];
  await until('the order to be cancelled', async () => (await status()) === 2);
  const names: string[] = [];
  for await (const { name } of await operator.services.client().info()) names.push(name);
  expect(names).toEqual(['trade']);
  await Promise.all([operator.close(), service.close()]);
});

it('goes on with two of three servers', async () => {
  servers[0]!.kill();
  const shop = new Shop(node!);
  await until(
    'orders to be placed again',
    async () => (await shop.placeOrder([PHONE])).status === 200,
    30_000,
  );
  await shop.booksAreClean(30_000);
});

// What is published here is no event: the books are not clean after it.
describe.each([
  [
    'node',
    'publish',
    ['trade.node.n2', 'trade.cluster.x', 'orderTopic.order_cancel', 'payTopic.pay_refund'],
    [
      'other',
      '$SYS.x',
      '$JS.API.STREAM.DELETE.orderTopic',
      '$JS.API.STREAM.PURGE.payTopic',
      '$JS.API.STREAM.CREATE.other',
    ],
  ],
  [
    'node',
    'subscribe',
    ['trade.node.n1', 'trade.cluster.>', 'trade.order.place', '_INBOX.x', '$SRV.PING'],
    ['>', 'orderTopic.>', '$JS.API.>', 'other'],
  ],
  [
    'operator',
    'publish',
    ['trade.order.refund', 'payTopic.pay_status', '$SRV.PING', '$JS.API.STREAM.NAMES'],
    ['trade.node.n1', 'trade.cluster.x', 'other'],
  ],
  [
    'operator',
    'subscribe',
    ['_INBOX.x', 'orderTopic.>', 'trade.cluster.>'],
    ['trade.node.n1', 'trade.order.place', '>'],
  ],
  [
    'service',
    'publish',
    ['trade.order.place', 'trade.payment.create', 'trade.goods.find'],
    [
      'trade.order.refund',
      'trade.wallet.recharge',
      'trade.payment.callback',
      'trade.node.n1',
      'orderTopic.order_cancel',
      '$JS.API.STREAM.NAMES',
      '$SRV.PING',
    ],
  ],
  [
    'service',
    'subscribe',
    ['_INBOX.x', 'orderTopic.order_confirm'],
    ['orderTopic.>', 'payTopic.pay_status', 'trade.>', 'trade.node.n1'],
  ],
] as const)('%s, to %s', (user, verb, allowed, forbidden) => {
  it.each(allowed)('may: %s', async (subject) => expect(await may(user, verb, subject)).toBe(true));
  it.each(forbidden)('may not: %s', async (subject) => expect(await may(user, verb, subject)).toBe(false));
});

it.each([
  ['node', 'wrong'],
  ['operator', ''],
  ['nobody', PASSWORD],
  ['route', PASSWORD],
])('does not let %s in with %j', async (user, pass) => {
  const connecting = connect({ servers: url().split(','), user, pass });
  await expect(connecting).rejects.toMatchObject({ code: 'AUTHORIZATION_VIOLATION' });
});
