// Orders are placed in one statement where everybody is at hand and agrees, and by their sagas whatever else happens:
// the customer sees no difference.
import { ok, retry, type Answer, type Envelope, type Kind } from '../../actors/domain/envelope';
import { PLACING_KINDS } from '../../actors/domain/joint';
import { money } from '../../actors/domain/money';
import { classicOrder, type Place } from '../helpers/orders';
import { until } from '../helpers/until';
import { JointScene } from './joint-scene';

const wish = classicOrder();
const { userId } = wish;
const goodsId = wish.lines[0].goodsId;
const couponId = wish.couponId!;

let scene: JointScene;
const open = (kinds: readonly Kind[] = PLACING_KINDS): void => {
  scene = new JointScene(
    {
      goods: [{ goodsId, price: money('5000'), stock: 3 }],
      users: [{ userId, money: money('500') }],
      coupons: [{ couponId, userId, price: money('20') }],
    },
    kinds,
  );
};
beforeEach(() => open());
afterEach(() => scene.close());

const place = (changes: Partial<Place> = {}, attempt = 1): Promise<Answer> => {
  const command = classicOrder({ couponId: undefined, ...changes });
  const envelope = { kind: 'order', id: command.orderId, shard: 0, command, key: command.orderId, attempt };
  return scene.deliver(envelope as Envelope);
};

const stock = () => scene.tables.goods.get(goodsId)?.goods_number;
const purse = () => scene.tables.users.get(userId)?.user_money;
const isJoint = () => scene.statements.includes('order-place-joint');
const isBySaga = () => scene.statements.includes('order-write');
/** Which statement had the order first. */
const begunBy = () => scene.statements.find((name) => name === 'order-write' || name === 'order-place-joint');
const confirmed = { outcome: 'ok', data: { status: 1 } };
const orderId = (last: number) => `70000000000000000${last}` as Place['orderId'];

test('an order whose actors are all here is one statement, and is answered as it is in the books', async () => {
  const answer = await place({ couponId });
  expect(answer).toMatchObject({ outcome: 'ok', data: { status: 1, payAmount: '4780.00', version: 2 } });
  expect(scene.statements.sort()).toEqual(['coupon-load', 'goods-load', 'order-place-joint', 'wallet-load']);
  expect([stock(), purse()]).toEqual([2, '300.00']);
  expect(scene.tables.coupons.get(couponId)?.order_id).toBe(wish.orderId);
});

test('orders at once take one after the other, and the one that finds nothing left is refused by its saga', async () => {
  const answers = await Promise.all(
    [1, 2, 3, 4].map((last) => place({ orderId: orderId(last), moneyPaid: money('0') })),
  );
  expect(answers.map((answer) => answer.outcome)).toEqual(['ok', 'ok', 'ok', 'refused']);
  expect(answers[3]).toMatchObject({ code: 'SHOP_GOODS_NUM_NOT_ENOUGH', data: { status: 2 } });
  expect(stock()).toBe(0);
});

test.each<[string, Partial<Place>, string]>([
  ['the coupon is of somebody else', { couponId: '1' as never }, 'SHOP_COUPON_NO_EXIST'],
  ['there is not enough money', { moneyPaid: money('501') }, 'SHOP_MONEY_PAID_INVALID'],
  ['the user is unknown', { userId: '1' as never, moneyPaid: money('0') }, 'SHOP_USER_NO_EXIST'],
])('%s: the saga says so, and the order stands in the books as ended', async (_what, changes, code) => {
  await expect(place(changes)).resolves.toMatchObject({ outcome: 'refused', code });
  expect(begunBy()).toBe('order-write');
  expect(scene.tables.orders.get(wish.orderId)?.order_status).toBeGreaterThanOrEqual(2);
  expect([...scene.tables.outbox]).toHaveLength(1);
});

describe('an order with actors elsewhere', () => {
  const cancelled = () => [...scene.tables.outbox].map(({ msg_tag: tag }) => tag);

  test.each<Kind>(['goods', 'wallet', 'coupon'])(
    'takes what is here in its first commit, and asks the %s after it',
    async (kind) => {
      const other = scene.moveElsewhere(kind);
      await expect(place({ couponId })).resolves.toMatchObject({
        outcome: 'ok',
        data: { status: 1, payAmount: '4780.00', version: 2 },
      });
      expect([stock(), purse()]).toEqual([2, '300.00']);
      expect(scene.tables.coupons.get(couponId)?.order_id).toBe(wish.orderId);
      const writes = scene.statements.filter((name) => !name.endsWith('-load'));
      expect(writes.sort()).toEqual(['order-place-joint', 'order-write']);
      expect(other.statements).toEqual([`${kind}-load`, 'order-place-joint']);
    },
  );

  test('asks nobody elsewhere before it is in the books', async () => {
    const other = scene.moveElsewhere('goods');
    scene.luck.set('order-place-joint', ['stuck']);
    const placed = place({ couponId });
    await until('the commit is under way', () => isJoint());
    expect(other.statements).toEqual([]);
    scene.letGo();
    await expect(placed).resolves.toMatchObject(confirmed);
  });

  test.each<[Kind, string]>([
    ['goods', 'SHOP_REDUCE_GOODS_NUM_FAIL'],
    ['wallet', 'SHOP_USER_MONEY_REDUCE_FAIL'],
    ['coupon', 'SHOP_COUPON_USE_FAIL'],
  ])('ends, and has all given back by its event, if no %s can be asked', async (kind, code) => {
    scene.elsewhere.add(kind);
    await expect(place({ couponId })).resolves.toMatchObject({ outcome: 'refused', code });
    expect([isJoint(), cancelled()]).toEqual([true, ['order_cancel']]);
  });

  test('ends as the refusal of somebody elsewhere says', async () => {
    scene.moveElsewhere('wallet');
    const refused = place({ couponId, moneyPaid: money('501') });
    await expect(refused).resolves.toMatchObject({ outcome: 'refused', code: 'SHOP_MONEY_PAID_INVALID' });
    expect([stock(), purse(), cancelled()]).toEqual([2, '500.00', ['order_cancel']]);
  });

  test('is for its saga if somebody here refuses', async () => {
    scene.moveElsewhere('wallet');
    const refused = place({ couponId: '1' as never });
    await expect(refused).resolves.toMatchObject({ code: 'SHOP_COUPON_NO_EXIST' });
    expect(begunBy()).toBe('order-write');
  });

  test.each(['lost', 'answer lost'] as const)(
    'is one order, with each step once, when the connection of its first commit is %s',
    async (becomes) => {
      scene.moveElsewhere('goods');
      scene.luck.set('order-place-joint', [becomes]);
      await expect(place({ couponId })).resolves.toEqual(retry('unavailable'));
      // As whoever takes the shard anew does with what is half-way.
      if (becomes === 'answer lost') await scene.tryAgain(wish.orderId);
      await expect(place({ couponId }, 2)).resolves.toMatchObject(confirmed);
      expect([stock(), purse()]).toEqual([2, '300.00']);
    },
  );

  test('asks them too when figures here were other than believed', async () => {
    await place({ moneyPaid: money('0') });
    scene.moveElsewhere('goods');
    scene.tables.users.replace({ ...scene.tables.users.get(userId)!, user_money: money('900') });
    await expect(place({ orderId: orderId(2) })).resolves.toMatchObject(confirmed);
    expect([stock(), purse()]).toEqual([1, '700.00']);
  });

  test('is for its saga alone if all are elsewhere', async () => {
    scene.moveElsewhere('goods', 'wallet');
    await expect(place()).resolves.toMatchObject(confirmed);
    expect(begunBy()).toBe('order-write');
  });
});

test('without one database for all of it there is no joint commit', async () => {
  await scene.close();
  open([]);
  await expect(place()).resolves.toMatchObject(confirmed);
  expect(begunBy()).toBe('order-write');
});

test('the same order twice at once is one order', async () => {
  const answers = await Promise.all([place(), place()]);
  expect(answers).toMatchObject([confirmed, confirmed]);
  expect([stock(), purse()]).toEqual([2, '300.00']);
});

test('R15: a request key that stands is answered with its order, and nothing is taken again', async () => {
  await place({ requestKey: 'k' });
  const again = place({ requestKey: 'k', orderId: orderId(2) });
  await expect(again).resolves.toEqual(ok({ standing: wish.orderId }));
  const other = place({ requestKey: 'k', orderId: orderId(3), requestHash: 'other' });
  await expect(other).resolves.toMatchObject({ code: 'SHOP_ORDER_KEY_CONFLICT' });
  await expect(place({ orderId: orderId(4), moneyPaid: money('0') })).resolves.toMatchObject(confirmed);
  expect([stock(), purse()]).toEqual([1, '300.00']);
});

test.each(['lost', 'answer lost'] as const)(
  'when the connection is %s nothing is known, and the repeat is one order',
  async (becomes) => {
    scene.luck.set('order-place-joint', [becomes]);
    await expect(place({ couponId })).resolves.toEqual(retry('unavailable'));
    await expect(place({ couponId }, 2)).resolves.toMatchObject(confirmed);
    expect([stock(), purse()]).toEqual([2, '300.00']);
    expect(isBySaga()).toBe(becomes === 'lost');
  },
);

test('figures that others changed are found out: refused whole, placed by the saga', async () => {
  await place({ moneyPaid: money('0') });
  scene.tables.goods.replace({ ...scene.tables.goods.get(goodsId)!, goods_number: 0 });
  const refused = place({ orderId: orderId(2), moneyPaid: money('0') });
  await expect(refused).resolves.toMatchObject({ code: 'SHOP_GOODS_NUM_NOT_ENOUGH' });
  expect([stock(), isBySaga()]).toEqual([0, true]);
});

test('figures that others changed and that suffice leave the order placed, and are believed from then on', async () => {
  await place({ moneyPaid: money('0') });
  scene.tables.goods.replace({ ...scene.tables.goods.get(goodsId)!, goods_number: 9 });
  const placed = place({ orderId: orderId(2), moneyPaid: money('0') });
  await expect(placed).resolves.toMatchObject(confirmed);
  expect([stock(), isBySaga()]).toEqual([8, false]);
});

test.each(['goods-load', 'wallet-load'])(
  'after a failed %s its saga asks for what was not known',
  async (name) => {
    scene.luck.set(name, ['lost']);
    await expect(place()).resolves.toMatchObject(confirmed);
    expect([stock(), purse(), isBySaga()]).toEqual([2, '300.00', true]);
  },
);

test.each<[string, Partial<Place>]>([
  ['lines', { lines: undefined as never }],
  ['amounts', { orderAmount: 'much' as never }],
  ['money', { moneyPaid: {} as never }],
])('an order without proper %s breaks nothing', async (_what, changes) => {
  const answer = await place(changes);
  expect(answer.outcome).not.toBe('ok');
  await expect(place({ orderId: orderId(2) })).resolves.toMatchObject(confirmed);
  expect(stock()).toBe(2);
});

test('while somebody else has locked a row there are sagas only', async () => {
  scene.luck.set('order-place-joint', ['locked']);
  await expect(place()).resolves.toMatchObject(confirmed);
  await expect(place({ orderId: orderId(2), moneyPaid: money('0') })).resolves.toMatchObject(confirmed);
  expect(scene.statements.filter((name) => name === 'order-place-joint')).toHaveLength(1);
  expect(stock()).toBe(1);
});

test('an order whose goods take long to load is in the books meanwhile, and is placed when they are there', async () => {
  const command = { type: 'FindWallet' };
  await scene.deliver({ kind: 'wallet', id: userId, shard: 0, command, key: userId, attempt: 1 });
  scene.luck.set('goods-load', ['stuck']);
  const placed = place();
  await until('the order is saved', () => scene.tables.orders.get(wish.orderId)?.order_status === 0);
  expect(purse()).toBe('300.00');
  scene.letGo();
  await expect(placed).resolves.toMatchObject(confirmed);
  expect(stock()).toBe(2);
});
