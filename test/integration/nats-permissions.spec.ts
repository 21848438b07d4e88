// deploy/nats-users.conf as docs/NATS-CLI.md has it read: its permissions are enough for a node, an operator and another
// service to do what they should, and for nothing else.
import type { NatsConnection } from 'nats';
import { join } from 'node:path';
import { blocksToRun, readDocument, ROOT } from '../helpers/documents';
import { natsPrograms, runLine } from '../helpers/nats-cli';
import * as rights from '../helpers/nats-rights';
import { startTestNode, type TestNode } from '../helpers/node';
import { freePort, freshDatabase, startNats, until, type NatsServer } from '../helpers/servers';
import { must, orderBody, PHONE, Shop } from '../helpers/shop';

const USERS = readDocument('deploy/nats-users.conf');
const [authorization = ''] = blocksToRun(readDocument('docs/NATS-CLI.md'), 'nats-server');
// One more, who may do everything: the test itself.
const config = authorization.replace(
  'include deploy/nats-users.conf',
  USERS.replace('users: [', `users: [ { user: test, password: "${rights.PASSWORD}" }`),
);

let server: NatsServer;
let node: TestNode;
let another: TestNode;
let shop: Shop;

beforeAll(async () => {
  const env = rights.passwordsOf('node', 'operator', 'checkout');
  server = await startNats({ config, env, args: ['-DV'] });
  const database = await freshDatabase();
  const sandboxPort = String(await freePort());
  const shared = {
    DATABASE_URL: database.url,
    NATS_URL: server.url,
    NATS_USER: 'node',
    NATS_PASSWORD: rights.PASSWORD,
    ORDER_CONFIRM_EVENTS: '1',
  };
  node = await startTestNode({ ...shared, NODE_NAME: 'first', SANDBOX_PORT: sandboxPort }, () =>
    database.drop(),
  );
  // A node alone has nothing to tell to another.
  another = await startTestNode({
    ...shared,
    NODE_NAME: 'second',
    SANDBOX_PORT: '0',
    SANDBOX_URL: `http://127.0.0.1:${sandboxPort}`,
    DATA_DIR: node.dataDir,
  });
  shop = new Shop(node);
}, 90_000);
afterEach(rights.closeConnections);
afterAll(async () => {
  await another.remove();
  await node.remove();
  await server.stop();
});

const as = (user: string): Promise<NatsConnection> => rights.connectAs(server.url, user);

async function ask(
  connection: NatsConnection,
  subject: string,
  body: unknown,
): Promise<{ success: boolean }> {
  const reply = await connection.request(subject, JSON.stringify(body), { timeout: 10_000 });
  return reply.json();
}

describe('a node', () => {
  it('works with its permissions, and needs each of them', async () => {
    const test = await as('test');
    const orderId = await shop.confirmedOrder([PHONE]);
    await shop.paidOrder(orderId);
    const payId = (await shop.findOrder(orderId)).data['payId'];
    must(await shop.refund(payId));
    await shop.cancelOrder(await shop.confirmedOrder([PHONE]));
    expect((await ask(test, 'trade.goods.find', { goodsId: PHONE.goodsId })).success).toBe(true);
    await shop.booksAreClean();

    // It makes a stream anew, with its groups.
    const manager = await test.jetstreamManager();
    await manager.streams.delete('orderTopic');
    const again = await shop.confirmedOrder([PHONE]);
    must(await shop.cancelOrder(again));
    await until(
      'it to be given back',
      async () => (await shop.findOrder(again)).data['compensationStatus'] === 2,
    );
    expect((await manager.streams.info('orderTopic')).state.consumer_count).toBe(4);
    await shop.booksAreClean();

    const { published, subscribed, violations } = whatWasDoneBy('node');
    expect(violations).toEqual([]);
    const unused = (granted: readonly string[], used: readonly string[]) =>
      granted.filter((grant) => !used.some((subject) => covers(grant, subject)));
    expect(unused(grantsOf('node', 'publish'), published)).toEqual([]);
    expect(unused(grantsOf('node', 'subscribe'), subscribed)).toEqual([]);
  }, 90_000);
});

describe('an operator', () => {
  it('asks, injects events and looks at the streams', async () => {
    const operator = await as('operator');
    const orderId = await shop.confirmedOrder([PHONE]);
    expect((await ask(operator, 'trade.order.find', { orderId })).success).toBe(true);
    const heard = operator.subscribe('orderTopic.*', { max: 1 });
    await operator.flush();
    operator.publish('orderTopic.order_cancel', JSON.stringify({ orderId }));
    for await (const event of heard) expect(event.json()).toEqual({ orderId });
    await until(
      'the order to be cancelled',
      async () => (await shop.findOrder(orderId)).data['orderStatus'] === 2,
    );

    const manager = await operator.jetstreamManager();
    const streams = await manager.streams.list().next();
    expect(streams.map((one) => one.config.name).sort()).toEqual(['orderTopic', 'payTopic']);
    expect(await manager.consumers.list('payTopic').next()).toHaveLength(4);
    await expect(manager.streams.delete('payTopic')).rejects.toMatchObject({ code: 'PERMISSIONS_VIOLATION' });
    const names: string[] = [];
    for await (const info of await operator.services.client().info('trade')) names.push(info.name);
    // One a node.
    expect(names).toEqual(['trade', 'trade']);
  });

  it.each(natsPrograms())('does so by $name', async (program) => {
    // As in nats-box.
    const env = {
      HOME: node.dataDir,
      XDG_CONFIG_HOME: join(ROOT, 'deploy', 'nats-box'),
      NATS_CONTEXT: 'operator',
      NATS_URL: server.url,
      NATS_USER: 'operator',
      NATS_PASSWORD: rights.PASSWORD,
    };
    const commands = {
      'account info': 'JetStream Account Information',
      [`req trade.goods.find '{"goodsId":"${PHONE.goodsId}"}'`]: '"success":true',
      [`pub --jetstream orderTopic.order_cancel '{"orderId":"${await shop.confirmedOrder([PHONE])}"}'`]:
        'orderTopic',
      'stream ls': 'payTopic',
      'stream info payTopic': 'payTopic.>',
      'stream get orderTopic --last-for orderTopic.order_cancel': 'orderId',
      'consumer ls payTopic': 'pay_payTopic_log_group',
      'consumer info payTopic pay_payTopic_log_group': 'payTopic.pay_status',
      'micro ls': 'trade',
      'micro info trade': 'trade.order.place',
      'micro stats trade': 'order-place',
    };
    for (const [command, expected] of Object.entries(commands)) {
      const printed = await runLine(`nats ${command}`, { program, env });
      expect(printed).toContain(expected);
    }
  });
});

describe('another service', () => {
  it('places orders and hears of confirmed ones', async () => {
    const checkout = await as('checkout');
    const heard = checkout.subscribe('orderTopic.order_confirm', { max: 1 });
    await checkout.flush();
    expect((await ask(checkout, 'trade.order.place', orderBody([PHONE]))).success).toBe(true);
    const orderIds: unknown[] = [];
    for await (const event of heard) orderIds.push(event.json<{ orderId: unknown }>().orderId);
    const [orderId] = orderIds;
    expect((await ask(checkout, 'trade.order.find', { orderId })).success).toBe(true);
  });

  it('is told what it may not ask', async () => {
    const checkout = await as('checkout');
    const recharge = ask(checkout, 'trade.wallet.recharge', { userId: '1', amount: '1.00', requestKey: '1' });
    await expect(recharge).rejects.toMatchObject({ code: 'PERMISSIONS_VIOLATION' });
  });
});

// Each case publishes what is no event that fits.
it.each(rights.RIGHTS)('%s, %s: what it may, and nothing else', async (...one) => {
  const [, , , mayNot] = one;
  expect(await rights.refused(server.url, one)).toEqual(mayNot);
});

/** A user's list. */
function grantsOf(user: string, list: 'publish' | 'subscribe'): readonly string[] {
  const own = USERS.split(/(?=\buser: )/).find((part) => part.startsWith(`user: ${user},`)) ?? '';
  const [, entries = ''] = new RegExp(`${list}: \\[([^\\]]*)\\]`).exec(own) ?? [];
  return [...entries.matchAll(/"([^"]+)"/g)].map(([, entry]) => entry!);
}

/** Whether a subject is one of those that a pattern with wildcards names. */
function covers(pattern: string, subject: string): boolean {
  const tokens = subject.split('.');
  const parts = pattern.split('.');
  const last = parts.indexOf('>');
  if (last === -1 ? tokens.length !== parts.length : tokens.length <= last) return false;
  return parts.every((part, at) => part === '>' || part === '*' || part === tokens[at]);
}

/** What the broker's trace says of the connections of a user. */
function whatWasDoneBy(user: string) {
  const lines = server.logs().split('\n');
  const clients = new Set<string | undefined>();
  const done = { published: [] as string[], subscribed: [] as string[], violations: [] as string[] };
  for (const line of lines) {
    const client = /cid:\d+/.exec(line)?.[0];
    if (line.includes('<<- [CONNECT ') && line.includes(`"user":"${user}"`)) clients.add(client);
    if (!clients.has(client)) continue;
    const [, verb, subject] = /<<- \[(PUB|HPUB|SUB) (\S+)/.exec(line) ?? [];
    if (verb !== undefined) done[verb === 'SUB' ? 'subscribed' : 'published'].push(subject!);
    if (/violation/i.test(line)) done.violations.push(line);
  }
  return done;
}
