import type { Address } from '../actors/domain/envelope';
import { id, type CouponId, type GoodsId, type UserId } from '../actors/domain/ids';
import { createOrderIds } from './order-ids';
import { shardOf } from './shard';

const SHARDS = 64;
const goods: Address = { kind: 'goods', id: id<GoodsId>('1') };
const wallet: Address = { kind: 'wallet', id: id<UserId>('2') };
const coupon: Address = { kind: 'coupon', id: id<CouponId>('3') };

/** Order ids on node a, where the owners are those of the test. */
function scene(owners: Partial<Record<'goods' | 'wallet' | 'coupon', string>>, ofOrders = ['a', 'b']) {
  let last = 0;
  const ownerOf = (kind: string, shard: number): string | undefined =>
    kind === 'order' ? ofOrders[shard % ofOrders.length] : owners[kind as 'goods'];
  const orderIds = createOrderIds({
    ids: { next: () => String((last += 1)) },
    ownership: { ownerOf },
    node: 'a',
    shards: SHARDS,
  });
  return {
    homesOf: (needs: readonly Address[]) =>
      new Set(Array.from({ length: 50 }, () => ownerOf('order', shardOf(orderIds.next(needs), SHARDS)))),
    drawn: () => last,
    next: () => orderIds.next([goods]),
  };
}

test.each([
  [{ goods: 'b', wallet: 'b', coupon: 'b' }, 'b'],
  [{ goods: 'a', wallet: 'b', coupon: 'b' }, 'b'],
  [{ goods: 'b', wallet: 'a', coupon: 'a' }, 'a'],
  [{ goods: 'b', wallet: 'b' }, 'b'],
])('an order of %j lives on %s', (owners, home) => {
  expect(scene(owners).homesOf([goods, wallet, coupon])).toEqual(new Set([home]));
});

test.each([
  { goods: 'b', wallet: 'a' },
  { goods: 'a', wallet: 'b' },
])('of %j it lives on the node that was asked', (owners) => {
  expect(scene(owners).homesOf([goods, wallet])).toEqual(new Set(['a']));
});

test('while nobody has what it needs, the first id is as good as any', () => {
  const { homesOf, drawn } = scene({});
  expect(homesOf([goods, wallet])).toEqual(new Set(['a', 'b']));
  expect(drawn()).toBe(50);
});

test('a node that has no orders is not waited for', () => {
  const { next, drawn } = scene({ goods: 'c' });
  expect(next()).toBe(String(drawn()));
  expect(drawn()).toBeLessThan(20);
});
