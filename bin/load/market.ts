// The shelves, users and coupons of a load: the demo's own, or goods of its own with enough stock for a long day.
import { DEMO_COUPONS, DEMO_GOODS, DEMO_USERS } from '../../persistence/demo-data';
import { must } from './answer';
import { inLanes } from './lanes';
import type { ShopClient } from './shop-client';
import type { Data } from './order-body';
import type { Market } from './wishes';

const KINDS_OF_GOODS = 20;
const STOCK = 800_000;
const COUPONS_PER_USER = 5;
/** So many requests at once; even a shop that is small on purpose takes them. */
const AT_ONCE = 8;
const RECHARGE = '100000.00';

/** What a demo begins with; it sells out. */
export const DEMO_MARKET: Market = {
  goods: DEMO_GOODS,
  users: DEMO_USERS.map((user) => user.userId),
  coupons: byUser(DEMO_COUPONS),
};

/**
 * Fills the shelves and wallets through an operator's routes.
 * @throws Error with the answer if the shop refuses
 */
export async function stockMarket(client: ShopClient, adminToken: string): Promise<Market> {
  const ask = async (path: string, body: object): Promise<Data> => {
    const call = { method: 'POST', path: `/admin${path}`, token: adminToken, body } as const;
    return must(await client.send(call)).data;
  };
  const { users } = DEMO_MARKET;
  // Beyond what a number can count exactly: neighbours would share a key, and be refused as the same goods.
  const began = BigInt(Date.now()) * 10_000n;
  const keyOf = (place: number): string => String(began + BigInt(place));
  const goods = Array.from({ length: KINDS_OF_GOODS }, (_, place) => ({
    goodsName: `Load ${place + 1}`,
    goodsPrice: `${20 + place}.00`,
    goodsNumber: STOCK,
    requestKey: keyOf(place),
  }));
  const shelf = await inLanes(AT_ONCE, goods, (one) => ask('/goods', one));
  const gifts = users.flatMap((userId) =>
    Array.from({ length: COUPONS_PER_USER }, (_, place) => ({
      userId,
      couponPrice: '2.00',
      requestKey: keyOf(place),
    })),
  );
  const coupons = await inLanes(AT_ONCE, gifts, (gift) => ask('/coupons', gift));
  const requestKey = keyOf(0);
  await inLanes(AT_ONCE, users, (userId) => ask('/recharge', { userId, amount: RECHARGE, requestKey }));
  return {
    goods: shelf.map((one) => ({ goodsId: String(one['goodsId']), price: String(one['goodsPrice']) })),
    users,
    coupons: byUser(
      coupons.map((one) => ({ userId: String(one['userId']), couponId: String(one['couponId']) })),
    ),
  };
}

function byUser(coupons: readonly { readonly userId: string; readonly couponId: string }[]) {
  const found = new Map<string, string[]>();
  for (const { userId, couponId } of coupons) {
    const mine = found.get(userId);
    if (mine) mine.push(couponId);
    else found.set(userId, [couponId]);
  }
  return found;
}
