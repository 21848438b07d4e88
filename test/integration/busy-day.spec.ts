// Many customers at once do everything that customers, operators and a bad platform do, in an order that nobody
// chose. However it comes out, every order ends and the books are clean. A failure names its seed: set SEED to it.
import { randomInt } from 'node:crypto';
import { DEMO_USERS } from '../../persistence/demo-data';
import { BACKENDS, type TestNode } from '../helpers/node';
import { must, rows, Shop } from '../helpers/shop';
import type { Behaviour, Data, OrderLine, Reply } from '../helpers/shop';
import { until } from '../helpers/until';

const SEED = Number(process.env['SEED'] ?? randomInt(1_000_000));
const CUSTOMERS = 12;
const ORDERS_EACH = 8;
const BEHAVIOURS: readonly Behaviour[] = ['well', 'twice', 'again', 'well', 'wrong-amount', 'late'];
const ENDS: readonly unknown[] = [1, 2, 3, 4];

/** Numbers from 0 to 1 that are the same for the same seed (mulberry32). */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

describe.each(BACKENDS)(`a busy day, $name, SEED=${SEED}`, ({ open }) => {
  let node: TestNode;
  let shop: Shop;
  let shelf: readonly OrderLine[];

  beforeAll(async () => {
    node = await open();
    shop = new Shop(node);
    // Two of the three run out.
    shelf = [
      await shop.createGoods('20.00', 60),
      await shop.createGoods('300.00', 40),
      await shop.createGoods('7.50', 100_000),
    ];
  }, 90_000);
  afterAll(() => node.remove());

  /** What became of one customer's orders. */
  const live = async (userId: string, seed: number): Promise<readonly string[]> => {
    const random = randomFrom(seed);
    const chance = (of: number): boolean => random() < of;
    const below = (count: number): number => Math.floor(random() * count);
    const coupons = [await shop.issueCoupon('9.00', userId), await shop.issueCoupon('9.00', userId)];
    const orderIds: string[] = [];

    const order = async (place: number): Promise<Reply> => {
      const lines = shelf.filter(() => chance(0.6)).map((goods) => ({ ...goods, goodsNumber: 1 + below(3) }));
      const [fallback] = shelf;
      if (lines.length === 0 && fallback) lines.push(fallback);
      const couponId = chance(0.4) ? coupons[below(2)] : undefined;
      const wish = {
        userId,
        key: `${seed}-${place}`,
        ...(couponId === undefined ? {} : { couponId }),
        ...(chance(0.4) ? { moneyPaid: `${1 + below(20)}.00` } : {}),
      };
      const sent = await Promise.all(
        Array.from({ length: chance(0.3) ? 3 : 1 }, () => shop.placeOrder(lines, wish)),
      );
      expect(new Set(sent.map(({ data }) => data['orderId'])).size).toBe(1);
      const [first] = sent;
      if (!first) throw new Error('nothing was sent');
      return first;
    };

    const pay = async (orderId: string, payAmount: unknown): Promise<void> => {
      const created = await shop.createPayment(orderId, payAmount, userId);
      if (!created.success) return;
      const { payId } = created.data;
      const behaviour = BEHAVIOURS[below(BEHAVIOURS.length)] ?? 'well';
      await Promise.all([
        shop.pay(payId, behaviour, { delayMs: 50, amount: '0.01' }),
        chance(0.2) ? shop.cancelOrder(orderId, userId) : undefined,
        chance(0.2) ? shop.pay(payId) : undefined,
      ]);
      if (chance(0.3)) await Promise.all([shop.refund(payId), shop.refund(payId)]);
      if (chance(0.2)) {
        await Promise.all([shop.admin('POST', `/orders/${orderId}/ship`), shop.refund(payId)]);
      }
    };

    for (let place = 0; place < ORDERS_EACH; place += 1) {
      const placed = await order(place);
      expect([200, 409]).toContain(placed.status);
      // More wallet money than the order comes to is refused without a row.
      const { orderId } = placed.data;
      if (typeof orderId !== 'string') continue;
      orderIds.push(orderId);
      if (chance(0.7)) await pay(orderId, placed.data['payAmount']);
      else if (chance(0.5)) await shop.cancelOrder(orderId, userId);
    }
    return orderIds;
  };

  it('every order ends, and the books are clean', async () => {
    const users = DEMO_USERS.slice(0, CUSTOMERS).map((user) => user.userId);
    const lives = await Promise.all(
      users.map(async (userId, place) => ({ userId, orderIds: await live(userId, SEED + place) })),
    );
    await shop.booksAreClean(25_000);
    expect(await shop.deadLetters()).toEqual([]);
    for (const { userId, orderIds } of lives) {
      for (const orderId of orderIds) {
        const { orderStatus, compensationStatus } = must(await shop.findOrder(orderId, userId)).data;
        expect(ENDS).toContain(orderStatus);
        expect(compensationStatus).toBe(orderStatus === 1 ? 0 : 2);
        await until('money to be booked or sent back', async () => isSettled(await shop.orderBooks(orderId)));
      }
    }
  }, 60_000);

  /** One booked transaction for what is paid through a platform, and everything else is on its way back or there. */
  const isSettled = (books: Data): boolean => {
    const transactions = rows(books, 'payments').flatMap((payment) => rows(payment, 'transactions'));
    const booked = transactions.filter(({ state }) => state === 'booked').length;
    const isPaid = books['orderStatus'] === 1 && books['payStatus'] === 2 && books['payAmount'] !== '0.00';
    return (
      booked === (isPaid ? 1 : 0) &&
      transactions.every(({ state }) => state === 'booked' || state === 'refunded')
    );
  };
});
