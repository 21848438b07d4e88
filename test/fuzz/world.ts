// A shop with parties: victims, whom nobody in the fuzzer has a right to act for; customers, whose tokens it has; and
// others whom operators and services act on.
import { DEMO_COUPONS, DEMO_GOODS, DEMO_USERS } from '../../persistence/demo-data';
import { BACKENDS, type TestNode } from '../helpers/node';
import { must, Shop } from '../helpers/shop';
import type { NatsServer } from '../helpers/servers';
import type { OrderLine } from '../../bin/load/order-body';

export const NODE_NAME = 'fuzzed';

export interface Party {
  readonly userIds: readonly string[];
  readonly couponIds: readonly string[];
  readonly unpaid: readonly string[];
  /** Paid, or shipped as well. */
  readonly paid: readonly string[];
  readonly payIds: readonly string[];
}

export interface World {
  readonly node: TestNode;
  readonly nats: NatsServer | undefined;
  readonly victims: Party;
  readonly customers: Party;
  readonly others: Party;
  /** What may be ordered; nobody changes its prices. */
  readonly goods: readonly OrderLine[];
  /** What operators change. */
  readonly offered: readonly string[];
  /** How much had been logged when everything was prepared. */
  readonly loggedBefore: number;
}

const SETTINGS = { NODE_NAME, ORDER_EXPIRES_AFTER: '24h' };
const place = (from: number, count: number) =>
  DEMO_USERS.slice(from, from + count).map(({ userId }) => userId);
const couponsOf = (userIds: readonly string[]): string[] =>
  DEMO_COUPONS.filter(({ userId }) => userIds.includes(userId)).map(({ couponId }) => couponId);

/** Two confirmed orders of each user with an open payment, one paid, and one paid and shipped. */
async function prepare(shop: Shop, userIds: readonly string[], line: OrderLine): Promise<Party> {
  const unpaid: string[] = [];
  const paid: string[] = [];
  const payIds: string[] = [];
  for (const userId of userIds) {
    for (let turn = 0; turn < 4; turn += 1) {
      const orderId = await shop.confirmedOrder([line], { userId });
      (turn < 2 ? unpaid : paid).push(orderId);
      payIds.push(turn < 2 ? await shop.openPayment(orderId, userId) : await shop.paidOrder(orderId, userId));
      if (turn === 3) must(await shop.admin('POST', `/orders/${orderId}/ship`));
    }
  }
  return { userIds, couponIds: couponsOf(userIds), unpaid, paid, payIds };
}

/** @param real whether PostgreSQL and NATS are; else the node has everything in itself */
export async function openWorld(real: boolean): Promise<World> {
  const backend = BACKENDS.find((one) => one.real === real)!;
  const node = await backend.open(SETTINGS);
  try {
    const shop = new Shop(node);
    const goods = DEMO_GOODS.slice(0, 12).map(({ goodsId, price }) => ({
      goodsId,
      goodsPrice: price,
      goodsNumber: 1,
    }));
    const line = goods[5]!;
    const [victims, customers, others] = await Promise.all([
      prepare(shop, place(1, 2), line),
      prepare(shop, place(3, 3), line),
      prepare(shop, place(6, 3), line),
    ]);
    const offered = DEMO_GOODS.slice(20, 28).map(({ goodsId }) => goodsId);
    await shop.booksAreClean();
    return {
      node,
      nats: node.nats,
      victims,
      customers,
      others,
      goods,
      offered,
      loggedBefore: node.logs().length,
    };
  } catch (error) {
    await node.remove();
    throw error;
  }
}
