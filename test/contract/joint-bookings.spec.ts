// A payment is booked in one statement with all that follows where everybody is at hand, and alone whatever else happens,
// with the rest left to the groups of its event: the platform sees no difference.
import { retry, KINDS, type Answer, type Envelope, type Kind } from '../../actors/domain/envelope';
import { id, type OrderId, type PayId } from '../../actors/domain/ids';
import { PLACING_KINDS } from '../../actors/domain/joint';
import { money } from '../../actors/domain/money';
import { classicOrder } from '../helpers/orders';
import { until } from '../helpers/until';
import { JointScene } from './joint-scene';

const { userId, orderId, lines } = classicOrder();
const { goodsId } = lines[0];
const other = id<OrderId>('700000000000000002');
const amount = money('5000');
const payOf = (order: OrderId): PayId => id(order.replace('7', '8'));

let scene: JointScene;
const send = (kind: Kind, to: string, command: object, more: Partial<Envelope> = {}): Promise<Answer> =>
  scene.deliver({ kind, id: to, shard: 0, command, key: to, attempt: 1, ...more } as Envelope);

/** A confirmed order with an open payment. */
async function open(order: OrderId): Promise<void> {
  const at = '2026-01-01T00:00:00.000Z';
  await send('order', order, {
    ...classicOrder({ orderId: order, couponId: undefined, moneyPaid: money('0') }),
    userId,
  });
  const payId = payOf(order);
  await send('order', order, { type: 'OpenPayment', payId, amount, at });
  await send('payment', payId, {
    type: 'CreatePayment',
    ...{ payId, orderId: order, amount, provider: 'sandbox', at },
  });
}

async function openShop(kinds: readonly Kind[]): Promise<void> {
  scene = new JointScene(
    { goods: [{ goodsId: goodsId, price: amount, stock: 3 }], users: [{ userId, money: amount }] },
    kinds,
  );
  await open(orderId);
  await open(other);
  scene.statements.length = 0;
}

beforeEach(() => openShop(KINDS));
afterEach(() => scene.close());

const notice = (order: OrderId, changes: object = {}, attempt = 1): Promise<Answer> =>
  send(
    'payment',
    payOf(order),
    {
      type: 'RecordNotice',
      provider: 'sandbox',
      transactionId: `T${order}`,
      amount,
      at: '2026-01-01T00:00:09.000Z',
      ...changes,
    },
    { attempt },
  );

const payStatus = (order = orderId) => scene.tables.orders.get(order)?.pay_status;
const isPaid = (order = orderId) => scene.tables.payments.get(payOf(order))?.is_paid === 2;
const points = () => scene.tables.users.get(userId)?.user_score;
const isLogged = (order = orderId) => scene.tables.payLog.has(payOf(order));
const groupsDone = () => [...scene.tables.inbox].map((row) => row.group_name).sort();
const isJoint = () => scene.statements.includes('payment-book-joint');
const isAlone = () => scene.statements.includes('payment-write');
const ok = { outcome: 'ok', data: { orderId, amount } };

test('order, points, log and the consumptions of its event are in the commit of the payment', async () => {
  await expect(notice(orderId)).resolves.toMatchObject(ok);
  expect([isJoint(), isAlone()]).toEqual([true, false]);
  expect([isPaid(), payStatus(), points(), isLogged()]).toEqual([true, 2, 5000, true]);
  expect([...scene.tables.outbox].map((row) => row.msg_tag)).toEqual(['pay_status']);
  expect(groupsDone()).toEqual([
    'pay_payTopic_log_group',
    'pay_payTopic_order_group',
    'pay_payTopic_user_group',
  ]);
  expect(scene.done).toMatchObject([{ payId: payOf(orderId), isPaid: true }]);
});

test('two payments of one user at once give the points of both', async () => {
  const answers = await Promise.all([notice(orderId), notice(other)]);
  expect(answers.map(({ outcome }) => outcome)).toEqual(['ok', 'ok']);
  expect([points(), isLogged(), isLogged(other)]).toEqual([10_000, true, true]);
});

test('told twice at once, and again, it is booked once', async () => {
  const answers = await Promise.all([notice(orderId), notice(orderId)]);
  expect(answers).toMatchObject([ok, ok]);
  await expect(notice(orderId, {}, 2)).resolves.toMatchObject(ok);
  expect([points(), [...scene.tables.transactions].length, [...scene.tables.outbox].length]).toEqual([
    5000, 1, 1,
  ]);
});

test.each<[string, object]>([
  ['another amount', { amount: money('1') }],
  ['another order', { orderId: other }],
])('money of %s is recorded alone, and pays nothing', async (_what, changes) => {
  await expect(notice(orderId, changes)).resolves.toMatchObject({ outcome: 'ok' });
  expect([isJoint(), isAlone()]).toEqual([false, true]);
  expect([isPaid(), payStatus(), points()]).toEqual([false, 1, 0]);
  expect(scene.done).toEqual([]);
});

test('a payment that its order does not take is booked alone, for its event to send it back', async () => {
  await send('order', orderId, { type: 'CancelOrder' });
  await expect(notice(orderId)).resolves.toMatchObject({ outcome: 'ok' });
  expect([isJoint(), isPaid(), points(), groupsDone()]).toEqual([false, true, 0, []]);
});

test.each<Kind>(['order', 'wallet', 'pay-log'])(
  'a payment whose %s is elsewhere is booked alone',
  async (kind) => {
    scene.elsewhere.add(kind);
    await expect(notice(orderId)).resolves.toMatchObject(ok);
    expect([isJoint(), isPaid(), payStatus(), points(), isLogged()]).toEqual([false, true, 1, 0, false]);
    expect(groupsDone()).toEqual([]);
  },
);

test('where payments have a database of their own they are booked alone', async () => {
  await scene.close();
  await openShop(PLACING_KINDS);
  await expect(notice(orderId)).resolves.toMatchObject(ok);
  expect([isJoint(), isPaid(), payStatus()]).toEqual([false, true, 1]);
});

test('a repeat is booked alone: its transaction may be in the books', async () => {
  await expect(notice(orderId, {}, 2)).resolves.toMatchObject(ok);
  expect([isJoint(), isPaid()]).toEqual([false, true]);
});

test.each(['lost', 'answer lost'] as const)(
  'when the connection is %s nothing is known, and the repeat is one booking',
  async (becomes) => {
    scene.luck.set('payment-book-joint', [becomes]);
    await expect(notice(orderId)).resolves.toEqual(retry('unavailable'));
    expect(scene.done).toEqual([]);
    await expect(notice(orderId, {}, 2)).resolves.toMatchObject(ok);
    expect([isPaid(), [...scene.tables.transactions].length]).toEqual([true, 1]);
    expect([payStatus(), points()]).toEqual(becomes === 'lost' ? [1, 0] : [2, 5000]);
  },
);

test('what others changed is found out: nothing of it is written, and the payment is booked alone', async () => {
  await send('order', orderId, { type: 'FindOrder' });
  const order = scene.tables.orders.get(orderId)!;
  scene.tables.orders.replace({ ...order, version: order.version + 1 });
  await expect(notice(orderId)).resolves.toMatchObject(ok);
  expect([isJoint(), isAlone()]).toEqual([true, true]);
  expect([isPaid(), payStatus(), points(), isLogged(), groupsDone()]).toEqual([true, 1, 0, false, []]);
});

test('while somebody else has locked a row payments are booked alone', async () => {
  scene.luck.set('payment-book-joint', ['locked']);
  await expect(notice(orderId)).resolves.toMatchObject(ok);
  await expect(notice(other)).resolves.toMatchObject({ outcome: 'ok' });
  expect(scene.statements.filter((name) => name === 'payment-book-joint')).toHaveLength(1);
  expect([isPaid(), isPaid(other), payStatus(), payStatus(other)]).toEqual([true, true, 1, 1]);
});

test('whoever is not known is loaded first, the order beside its payment', async () => {
  scene.forget();
  await expect(notice(orderId, { orderId })).resolves.toMatchObject(ok);
  expect(scene.statements.slice(0, 2).sort()).toEqual(['order-load', 'payment-load']);
  expect(scene.statements.slice(2)).toEqual(['wallet-load', 'payment-book-joint']);
});

test.each(['payment-load', 'order-load', 'wallet-load'])(
  'after a failed %s it is not booked jointly',
  async (name) => {
    scene.forget();
    scene.luck.set(name, ['lost']);
    await expect(notice(orderId)).resolves.toMatchObject(ok);
    expect([isJoint(), isPaid(), payStatus(), points()]).toEqual([false, true, 1, 0]);
  },
);

test.each(['order-load', 'wallet-load'])(
  'a payment whose %s takes long is booked meanwhile',
  async (name) => {
    scene.forget();
    scene.luck.set(name, ['stuck']);
    const told = notice(orderId);
    await until('it is booked', () => isPaid());
    await expect(told).resolves.toMatchObject(ok);
    expect([isJoint(), payStatus()]).toEqual([false, 1]);
    scene.letGo();
  },
);

test.each<[string, object]>([
  ['amount', { amount: {} }],
  ['transaction', { transactionId: undefined }],
])('a notice without proper %s breaks nothing', async (_what, changes) => {
  await notice(orderId, changes);
  await expect(notice(other)).resolves.toMatchObject({ outcome: 'ok' });
  expect(isPaid(other)).toBe(true);
});
