// The permissions that docs/NATS-CLI.md gives, as they stand there: enough for a node, an operator and another service
// to do what they should, and for nothing else.
import { connect, type NatsConnection } from 'nats';
import { blocksToRun, readDocument } from '../helpers/documents';
import { natsPrograms, runLine } from '../helpers/nats-cli';
import { startTestNode, type TestNode } from '../helpers/node';
import { freshDatabase, startNats, until, type NatsServer } from '../helpers/servers';
import { must, orderBody, PHONE, Shop } from '../helpers/shop';

/** Named in advance: nodes tell each other that they live only where there can be more than one. */

const PASSWORDS = { NODE_PASSWORD: 'n-secret', OPERATOR_PASSWORD: 'o-secret', CHECKOUT_PASSWORD: 'c-secret' };
const [authorization = ''] = blocksToRun(readDocument('docs/NATS-CLI.md'), 'nats-server');
// One more, who may do everything: the test itself.
const config = [
  ...Object.entries(PASSWORDS).map(([name, password]) => `${name}: ${password}`),
  authorization.replace('users: [', 'users: [ { user: test, password: t-secret }'),
].join('\n');

let server: NatsServer;
let node: TestNode;
let shop: Shop;
const connections: NatsConnection[] = [];

beforeAll(async () => {
  server = await startNats({ config, args: ['-DV'] });
  const database = await freshDatabase();
  node = await startTestNode(
    {
      DATABASE_URL: database.url,
      NATS_URL: server.url,
      NATS_USER: 'node',
      NATS_PASSWORD: PASSWORDS.NODE_PASSWORD,
      ORDER_CONFIRM_EVENTS: '1',
    },
    () => database.drop(),
  );
  shop = new Shop(node);
}, 90_000);
afterEach(async () => {
  await Promise.all(connections.splice(0).map((connection) => connection.close()));
});
afterAll(async () => {
  await node.remove();
  await server.stop();
});

async function as(user: string, pass: string): Promise<NatsConnection> {
  const connection = await connect({ servers: server.url, user, pass, inboxPrefix: `_INBOX_${user}` });
  connections.push(connection);
  return connection;
}

async function ask(
  connection: NatsConnection,
  subject: string,
  body: unknown,
): Promise<{ success: boolean }> {
  const reply = await connection.request(subject, JSON.stringify(body), { timeout: 10_000 });
  return reply.json();
}

/** The subjects of these that the broker does not let the user publish to, or subscribe to. */
async function refused(
  connection: NatsConnection,
  operation: 'publish' | 'subscription',
  subjects: readonly string[],
): Promise<readonly string[]> {
  const told = new Set<string>();
  void (async () => {
    for await (const { permissionContext: context } of connection.status())
      if (context?.operation === operation) told.add(context.subject);
  })();
  for (const subject of subjects) {
    if (operation === 'publish') connection.publish(subject, '{}');
    else connection.subscribe(subject, { callback: () => undefined });
  }
  // What was refused is told before this is answered.
  await connection.flush();
  await connection.flush();
  return subjects.filter((subject) => told.has(subject));
}

describe('a node', () => {
  it('works with its permissions, and needs each of them', async () => {
    const test = await as('test', 't-secret');
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
    // Answers go to inboxes that no list names.
    expect(published.some((subject) => subject.startsWith('_INBOX_test.'))).toBe(true);
  }, 90_000);
});

describe('an operator', () => {
  it('asks, injects events and looks at the streams', async () => {
    const operator = await as('operator', PASSWORDS.OPERATOR_PASSWORD);
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
    expect(names).toEqual(['trade']);
  });

  it.each(natsPrograms())('does so by $name', async (program) => {
    const env = {
      HOME: node.dataDir,
      NATS_URL: server.url,
      NATS_USER: 'operator',
      NATS_PASSWORD: PASSWORDS.OPERATOR_PASSWORD,
    };
    const commands = {
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
      const printed = await runLine(`nats --inbox-prefix _INBOX_operator ${command}`, { program, env });
      expect(printed).toContain(expected);
    }
  });
});

describe('another service', () => {
  it('places orders and hears of confirmed ones', async () => {
    const checkout = await as('checkout', PASSWORDS.CHECKOUT_PASSWORD);
    const heard = checkout.subscribe('orderTopic.order_confirm', { max: 1 });
    await checkout.flush();
    expect((await ask(checkout, 'trade.order.place', orderBody([PHONE]))).success).toBe(true);
    const orderIds: unknown[] = [];
    for await (const event of heard) orderIds.push(event.json<{ orderId: unknown }>().orderId);
    const [orderId] = orderIds;
    expect((await ask(checkout, 'trade.order.find', { orderId })).success).toBe(true);
  });

  it('is told what it may not ask', async () => {
    const checkout = await as('checkout', PASSWORDS.CHECKOUT_PASSWORD);
    const recharge = ask(checkout, 'trade.wallet.recharge', { userId: '1', amount: '1.00', requestKey: '1' });
    await expect(recharge).rejects.toMatchObject({ code: 'PERMISSIONS_VIOLATION' });
  });
});

describe('nobody but a node', () => {
  const ofNodes = ['trade.node.x', 'trade.cluster.heartbeat', '_INBOX_trade.x'];
  const ofGroups = ['$JS.ACK.x', '$JS.API.CONSUMER.MSG.NEXT.payTopic.pay_payTopic_log_group'];
  const listening = ['>', 'trade.>', 'trade.node.*', 'trade.order.place', '_INBOX_trade.>', '_INBOX.>'];

  it.each([
    ['operator', PASSWORDS.OPERATOR_PASSWORD, ['_INBOX_checkout.x'], ['_INBOX_checkout.>']],
    [
      'checkout',
      PASSWORDS.CHECKOUT_PASSWORD,
      ['trade.order.cancel', 'orderTopic.order_cancel', '$JS.API.STREAM.LIST', '$SRV.PING'],
      ['orderTopic.order_cancel', 'payTopic.*', '_INBOX_operator.>'],
    ],
  ])('speaks or listens as one: not the %s', async (user, password, sent, heard) => {
    const connection = await as(user, password);
    const published = [...ofNodes, ...ofGroups, ...sent];
    expect(await refused(connection, 'publish', published)).toEqual(published);
    const subscribed = [...listening, ...heard];
    expect(await refused(connection, 'subscription', subscribed)).toEqual(subscribed);
  });
});

/** A user's list, from the document. */
function grantsOf(user: string, list: 'publish' | 'subscribe'): readonly string[] {
  const own = authorization.split(/(?=\buser: )/).find((part) => part.startsWith(`user: ${user},`)) ?? '';
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
