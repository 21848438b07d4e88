// Whatever comes in by whatever way, nobody gets a 500, the node lives on, and the next good order is paid: garbage
// is refused with a code or, on a stream, put among the dead letters.
import { connect, type NatsConnection } from 'nats';
import { randomBytes } from 'node:crypto';
import { EVENT_BODIES } from '../../actors/domain/schemas';
import { FRONT_DOOR } from '../../actors/domain/front-door';
import { CODES } from '../../actors/domain/codes';
import { KINDS } from '../../actors/domain/envelope';
import { GROUPS, type Stream } from '../../actors/domain/events';
import { BACKENDS, type TestNode } from '../helpers/node';
import { signAs } from '../helpers/platform';
import { PHONE, rows, Shop, USER } from '../helpers/shop';
import { until } from '../helpers/until';

jest.setTimeout(60_000);

let node: TestNode;
let shop: Shop;
let connection: NatsConnection;
let pid: number;

beforeAll(async () => {
  const real = BACKENDS.find((backend) => backend.real) as (typeof BACKENDS)[number];
  const opened = await real.open({ NODE_NAME: 'bin' });
  node = opened;
  shop = new Shop(node);
  connection = await connect({ servers: opened.nats?.url ?? '' });
  pid = node.pid();
}, 60_000);

afterAll(async () => {
  await connection.close();
  await node.remove();
});

afterEach(async () => {
  expect(node.pid()).toBe(pid);
  expect(node.logs()).not.toMatch(/"level":60|unhandled/i);
  await shop.paidOrder(await shop.confirmedOrder([PHONE]));
});

const DEEP = 5_000;
const ID = '345959443973935104';

/** Bytes that are no JSON object. */
const RAW: readonly [name: string, bytes: Uint8Array][] = [
  ['nothing', new Uint8Array()],
  ['a blank', Buffer.from(' ')],
  ['no UTF-8', Buffer.from([0xff, 0xfe, 0x00, 0x80])],
  ['no JSON', Buffer.from('{"orderId":')],
  ['a word', Buffer.from('success')],
  ['null', Buffer.from('null')],
  ['a number', Buffer.from('1e999')],
  ['a text', Buffer.from('"\\ud800"')],
  ['a list', Buffer.from('[{}]')],
  ['a deep list', Buffer.from('['.repeat(DEEP) + ']'.repeat(DEEP))],
  ['a deep object', Buffer.from('{"a":'.repeat(DEEP) + '1' + '}'.repeat(DEEP))],
  ['almost 1 MB of text', Buffer.from(JSON.stringify({ orderId: 'x'.repeat(1_000_000) }))],
];

/** Values that stand where something else is wanted. */
const VALUES: readonly unknown[] = [
  null,
  true,
  -1,
  0.5,
  1e308,
  2 ** 53,
  '',
  ' ',
  '-0',
  '0x10',
  '1e5',
  'NaN',
  '9'.repeat(40),
  '\u0000',
  '1\u0000',
  '\ud800',
  '\ud800\udc00x',
  'x'.repeat(5_000),
  [],
  {},
  [null],
  { $gt: '' },
  `'; drop table trade_order; --`,
];

/** Objects whose every member is such a value, and objects right but for one member. */
function* garbled(members: Readonly<Record<string, unknown>>, values = VALUES): Generator<object> {
  for (const value of values) {
    yield Object.fromEntries(Object.keys(members).map((name) => [name, value]));
    for (const name of Object.keys(members)) yield { ...members, [name]: value };
  }
  yield { ...members, constructor: 1, __proto__: 2, unknown: 3 };
}

/** Something that fits, or nearly. */
const LIKELY: Readonly<Record<string, unknown>> = {
  userId: USER,
  goodsId: ID,
  goodsPrice: '1.00',
  goodsNumber: 1,
  lines: [],
  shippingFee: '0',
  orderAmount: '1.00',
  couponId: ID,
  moneyPaid: '1.00',
  address: 'a',
  consignee: 'b',
  requestKey: '1',
  orderId: ID,
  payId: ID,
  payAmount: '1.00',
  provider: 'sandbox',
  isPaid: true,
  transactionId: 't',
  signature: 'c2ln',
  goodsName: 'n',
  goodsDesc: 'd',
  amount: '1.00',
  couponPrice: '1.00',
  password: 'p',
  group: 'g',
  tag: 't',
  key: 'k',
  topic: 'payTopic',
};

const membersOf = (schema: object): Record<string, unknown> =>
  Object.fromEntries(
    Object.keys((schema as { properties: object }).properties).map((name) => [name, LIKELY[name] ?? 'x']),
  );

/** Sixteen at once. */
async function forEach<Item>(items: Iterable<Item>, run: (item: Item) => Promise<void>): Promise<void> {
  const all = [...items];
  await Promise.all(
    Array.from({ length: 16 }, async () => {
      for (let item = all.shift(); item !== undefined; item = all.shift()) await run(item);
    }),
  );
}

it.each(Object.entries(FRONT_DOOR))('trade.%s answers garbage with a code', async (name, schema) => {
  const wrong: unknown[] = [];
  const ask = async (bytes: Uint8Array): Promise<void> => {
    const reply = await connection.request(`trade.${name}`, bytes, { timeout: 15_000 });
    const { code } = reply.json<{ code: number }>();
    const known = Object.values(CODES).some((entry) => entry.code === code);
    if (!known || code === CODES.SHOP_FAIL.code)
      wrong.push([code, Buffer.from(bytes).toString().slice(0, 300)]);
  };
  await forEach(RAW, ([, bytes]) => ask(bytes));
  await forEach(garbled(membersOf(schema)), (body) => ask(Buffer.from(JSON.stringify(body))));
  expect(wrong).toEqual([]);
});

it('the subject of the node drops or answers garbage', async () => {
  const subject = 'trade.node.bin';
  const inbox = 'garbage.answers.1.1';
  for (const [, bytes] of RAW) connection.publish(subject, bytes, { reply: inbox });
  for (const kind of [...KINDS, 'nothing']) {
    for (const type of [
      '',
      'FindOrder',
      'TakeStock',
      'GiveStockBack',
      'UseCoupon',
      'TakeMoney',
      'AddPoints',
      'WritePayLog',
      'RecordNotice',
      'StepsAnswered',
      'Recharge',
      '__proto__',
    ]) {
      const good = { kind, id: ID, shard: 0, command: { type }, key: ID, attempt: 1 };
      for (const value of [undefined, null, -1, '', 'x', {}]) {
        for (const member of Object.keys(good)) {
          const item = { ask: 1, envelope: { ...good, [member]: value } };
          connection.publish(subject, JSON.stringify([item, value]), { reply: inbox });
        }
      }
    }
  }
  connection.publish(subject, '[]');
  await connection.flush();
  await shop.booksAreClean();
});

const SUBJECTS = [
  ...new Set(GROUPS.map(({ topic, tag }) => `${topic}.${tag}`)),
  'orderTopic.order_confirm',
  'payTopic.nothing',
];

it.each(SUBJECTS)('%s puts garbage among the dead letters', async (subject) => {
  const [topic, tag] = subject.split('.') as [Stream, keyof typeof EVENT_BODIES];
  const schema = EVENT_BODIES[tag] as (typeof EVENT_BODIES)[keyof typeof EVENT_BODIES] | undefined;
  const jetstream = connection.jetstream();
  for (const [, bytes] of RAW) await jetstream.publish(subject, bytes);
  for (const body of garbled(membersOf(schema ?? { properties: { orderId: 1 } })))
    await jetstream.publish(subject, JSON.stringify(body));
  for (const lines of [5, 'x', [null], [5], [{ goodsId: {} }]])
    await jetstream.publish(subject, JSON.stringify({ orderId: ID, lines }));
  // More than fits into an index, however it is compressed.
  await jetstream.publish(subject, '{}', { msgID: randomBytes(9_000).toString('hex') });
  const manager = await connection.jetstreamManager();
  const groups = GROUPS.filter((group) => group.topic === topic && group.tag === tag);
  for (const { name } of groups) {
    await until(
      `${name} to be done`,
      async () => {
        const { num_pending, num_ack_pending } = await manager.consumers.info(topic, name);
        return num_pending + num_ack_pending === 0;
      },
      40_000,
    );
    const letters = await shop.admin(
      'GET',
      `/dead-letters?limit=200&after=${encodeURIComponent(`${name}|`)}`,
    );
    expect((letters.data as unknown as { group: string }[])[0]?.group).toBe(name);
  }
  await until('nothing but dead letters to be left', async () => {
    const { rules } = await shop.audit();
    return rules.every(({ rule, broken }) => broken === 0 || rule === 'no consumption is parked');
  });
});

const ROUTES: readonly [method: string, path: string, as: 'customer' | 'operator' | 'nobody'][] = [
  ['POST', '/order', 'customer'],
  ['GET', '/order', 'customer'],
  ['GET', '/order/:id', 'customer'],
  ['POST', '/order/:id/cancel', 'customer'],
  ['POST', '/pay/createPayment', 'customer'],
  ['GET', '/pay/:id', 'customer'],
  ['POST', '/pay/callbackPayment', 'nobody'],
  ['POST', '/pay/callbackPayment/:id', 'nobody'],
  ['GET', '/goods', 'nobody'],
  ['GET', '/goods/:id', 'nobody'],
  ['GET', '/user/:id', 'customer'],
  ['GET', '/coupon', 'customer'],
  ['POST', '/login', 'nobody'],
  ['POST', '/demo/token', 'nobody'],
  ['POST', '/admin/goods', 'operator'],
  ['PATCH', '/admin/goods/:id', 'operator'],
  ['POST', '/admin/stock', 'operator'],
  ['POST', '/admin/coupons', 'operator'],
  ['POST', '/admin/recharge', 'operator'],
  ['GET', '/admin/orders/:id', 'operator'],
  ['GET', '/admin/payments/:id', 'operator'],
  ['POST', '/admin/orders/:id/ship', 'operator'],
  ['POST', '/admin/payments/:id/refund', 'operator'],
  ['GET', '/admin/dead-letters', 'operator'],
  ['POST', '/admin/dead-letters/redrive', 'operator'],
  ['POST', '/admin/outbox/replay', 'operator'],
  ['GET', '/healthz', 'nobody'],
  ['GET', '/nowhere', 'nobody'],
];

const PLACES = [
  '0',
  '-1',
  '1e5',
  '%00',
  '%ff',
  '%F0%9F%92%A9',
  '9'.repeat(19),
  '9'.repeat(5_000),
  '__proto__',
  `'--`,
  '..%2f..',
];
const QUERIES = [
  '',
  '?limit=-1',
  '?limit=1e9',
  '?after=%00',
  '?after[]=1',
  '?userId=%ff',
  '?limit=1&limit=2',
];
const TYPES = [
  'application/json',
  'text/plain',
  'application/x-www-form-urlencoded',
  'multipart/form-data',
  'garbage',
  '',
];

it.each(ROUTES)('%s %s answers garbage with a code', async (method, path, as) => {
  const token = as === 'customer' ? node.token(USER) : as === 'operator' ? node.adminToken : undefined;
  const wrong: unknown[] = [];
  const ask = async (by: string, at: string, type?: string, body?: Uint8Array): Promise<void> => {
    const answer = await fetch(`${node.url}${at}`, {
      method: by,
      headers: {
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...(type === undefined ? {} : { 'content-type': type }),
        'idempotency-key': 'k',
        'x-signature': 'garbage',
      },
      ...(body === undefined ? {} : { body }),
    });
    const text = await answer.text();
    if (answer.status >= 500 || (answer.status >= 400 && by !== 'HEAD' && !text.includes('"code":')))
      wrong.push([
        by,
        at.slice(0, 80),
        type,
        answer.status,
        text.slice(0, 200),
        body && Buffer.from(body).toString().slice(0, 200),
      ]);
  };
  await forEach(path.includes(':id') ? PLACES : [''], async (place) => {
    for (const query of QUERIES) await ask(method, path.replace(':id', place) + query);
  });
  const at = path.replace(':id', ID);
  for (const by of ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'HEAD']) await ask(by, at);
  if (method !== 'GET') {
    for (const type of TYPES) for (const [, bytes] of RAW) await ask(method, at, type, bytes);
    await forEach(garbled(LIKELY, VALUES.slice(0, 6)), (body) =>
      ask(method, at, 'application/json', Buffer.from(JSON.stringify(body))),
    );
  }
  expect(wrong).toEqual([]);
});

it('an event that names a transaction of another payment uses up no attempt of its refund', async () => {
  const transactionId = 'of-another-payment';
  await connection.jetstream().publish('payTopic.pay_refund', JSON.stringify({ payId: ID, transactionId }));
  const before = encodeURIComponent(`pay_payTopic_refund_group|pay_refund|${ID}`);
  await until('it to be given up', async () => {
    const { data } = await shop.admin('GET', `/dead-letters?limit=200&after=${before}`);
    return (data as unknown as { key: string }[]).some(({ key }) => key.endsWith(transactionId));
  });
  const orderId = await shop.confirmedOrder([PHONE]);
  const payId = await shop.openPayment(orderId);
  const notice = JSON.stringify({ payId, orderId, isPaid: true, payAmount: '0.01', transactionId });
  expect((await shop.callback(notice, signAs(node.dataDir, notice))).text).toBe('success');
  // The sandbox knows of no such transaction and refuses three times: then it is for a person, and says so.
  await until('its refund to be given up, too', async () => {
    const [transaction] = rows((await shop.findPayment(payId)).data, 'transactions');
    return transaction?.['state'] === 'failed';
  });
  // Whoever tells of it once more begins nothing that nobody would end.
  await connection.jetstream().publish('payTopic.pay_refund', JSON.stringify({ payId, transactionId }));
  const manager = await connection.jetstreamManager();
  await until('the event to be consumed', async () => {
    const { num_pending, num_ack_pending } = await manager.consumers.info(
      'payTopic',
      'pay_payTopic_refund_group',
    );
    return num_pending + num_ack_pending === 0;
  });
  const [transaction] = rows((await shop.findPayment(payId)).data, 'transactions');
  expect(transaction?.['state']).toBe('failed');
});
