// What orders of other nodes ask here is written in one statement for all kinds, and by the actor alone whatever else
// happens: whoever asks sees no difference.
import { ok, retry, type Answer, type Envelope, type Kind } from '../../actors/domain/envelope';
import type { OrderId } from '../../actors/domain/ids';
import { PLACING_KINDS } from '../../actors/domain/joint';
import { money } from '../../actors/domain/money';
import { classicOrder } from '../helpers/orders';
import { until } from '../helpers/until';
import { JointScene } from './joint-scene';

const wish = classicOrder();
const { orderId, userId } = wish;
const { goodsId, price } = wish.lines[0];
const couponId = wish.couponId!;
const [OTHER, THIRD] = ['700000000000000008', '700000000000000009'] as OrderId[] as [OrderId, OrderId];
const LATER = '2026-02-01T00:00:00.000Z';

let scene: JointScene;
beforeEach(() => {
  scene = new JointScene(
    {
      goods: [{ goodsId, price, stock: 3 }],
      users: [{ userId, money: money('500') }],
      coupons: [{ couponId, userId, price: money('20') }],
    },
    PLACING_KINDS,
  );
});
afterEach(() => scene.close());

type Ask = Pick<Envelope, 'kind' | 'id' | 'command'>;
const takeStock = (quantity = 1, of: OrderId = orderId): Ask => ({
  kind: 'goods',
  id: goodsId,
  command: { type: 'TakeStock', orderId: of, quantity, price } as Ask['command'],
});
const takeMoney = (amount = '200'): Ask => ({
  kind: 'wallet',
  id: userId,
  command: { type: 'TakeMoney', orderId, amount: money(amount) } as Ask['command'],
});
const useCoupon = (): Ask => ({
  kind: 'coupon',
  id: couponId,
  command: { type: 'UseCoupon', orderId, userId, at: LATER } as Ask['command'],
});
const ask = (asked: Ask, attempt = 1): Promise<Answer> =>
  scene.deliver({ ...asked, shard: 0, key: orderId, attempt });

const writes = () => scene.statements.filter((name) => !name.endsWith('-load'));
const held = () => [
  scene.tables.goods.get(goodsId)?.goods_number,
  scene.tables.users.get(userId)?.user_money,
  scene.tables.coupons.get(couponId)?.order_id,
];

test('what is asked of all kinds at once is one statement', async () => {
  scene.luck.set('order-place-joint', ['stuck']);
  const first = ask(takeStock(1, OTHER));
  await until('a flush is under way', () => writes().includes('order-place-joint'));
  const others = Promise.all([ask(takeStock()), ask(takeMoney()), ask(useCoupon())]);
  await until('the coupon is known', () => scene.statements.includes('coupon-load'));
  await until('the wallet is known', () => scene.statements.includes('wallet-load'));
  scene.letGo();
  expect((await first).outcome).toBe('ok');
  expect((await others).map(({ outcome }) => outcome)).toEqual(['ok', 'ok', 'ok']);
  expect(held()).toEqual([1, '300.00', orderId]);
  expect(new Set(writes())).toEqual(new Set(['order-place-joint']));
});

test.each<[Kind, Ask]>([
  ['goods', takeStock(4)],
  ['wallet', takeMoney('501')],
])('a refusal of %s is its own', async (_kind, asked) => {
  await expect(ask(asked)).resolves.toMatchObject({ outcome: 'refused' });
  expect(writes()).toEqual(['prove-held']);
  expect(held()).toEqual([3, '500.00', null]);
});

test.each(['lost', 'answer lost'] as const)(
  'when the connection is %s nothing is known, and the repeat takes it once',
  async (becomes) => {
    scene.luck.set('order-place-joint', [becomes]);
    await expect(ask(takeMoney())).resolves.toEqual(retry('unavailable'));
    await expect(ask(takeMoney(), 2)).resolves.toEqual(ok({}));
    expect(held()).toEqual([3, '300.00', null]);
  },
);

test('while somebody else has locked a row actors write alone', async () => {
  scene.luck.set('order-place-joint', ['locked']);
  await expect(ask(takeStock())).resolves.toMatchObject({ outcome: 'ok' });
  await expect(ask(takeMoney())).resolves.toEqual(ok({}));
  expect(writes()).toEqual(['order-place-joint', 'goods-take', 'wallet-take']);
  expect(held()).toEqual([2, '300.00', null]);
});

test('figures that others changed are found out, and believed from then on', async () => {
  await ask(takeStock(1, OTHER));
  scene.tables.goods.replace({ ...scene.tables.goods.get(goodsId)!, goods_number: 9 });
  await expect(ask(takeStock())).resolves.toMatchObject({ outcome: 'ok' });
  await expect(ask(takeStock(8, THIRD))).resolves.toMatchObject({ outcome: 'ok' });
  expect(held()[0]).toBe(0);
});

test('the same ask twice takes once', async () => {
  const answers = await Promise.all([ask(takeStock()), ask(takeStock()), ask(takeStock(), 2)]);
  expect(answers.map(({ outcome }) => outcome)).toEqual(['ok', 'ok', 'ok']);
  expect(held()[0]).toBe(2);
});

test('a malformed command breaks nothing', async () => {
  const answer = await ask({ ...takeMoney(), command: { type: 'TakeMoney', amount: {} } as Ask['command'] });
  expect(answer.outcome).not.toBe('ok');
  await expect(ask(takeMoney())).resolves.toEqual(ok({}));
  expect(held()).toEqual([3, '300.00', null]);
});
