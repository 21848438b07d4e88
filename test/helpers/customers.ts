// Customers who order and pay while things die around them. They remember what they were promised: an order that
// was confirmed to them, a callback that was answered with `success`, money that the platform took.
import { openKeys } from '../../bin/sandbox/keys';
import { CODES } from '../../actors/domain/codes';
import { DEMO_COUPONS, DEMO_GOODS, DEMO_USERS } from '../../persistence/demo-data';
import type { TestNode } from './node';
import { rows, Shop, type OrderLine, type Reply } from './shop';
import { until } from './until';

interface Wish {
  readonly userId: string;
  readonly lines: readonly OrderLine[];
  readonly couponId: string | undefined;
  readonly moneyPaid: string | undefined;
  readonly pays: 'at the platform' | 'by callback' | 'not' | 'cancels';
}

const PENDING = CODES.SHOP_ORDER_PENDING.code;

export class Customers {
  readonly shop: Shop;
  /** Answers of any kind so far, for tests that act after so many of them. */
  answers = 0;
  /** Confirmed order by request key. */
  readonly confirmed = new Map<string, { readonly orderId: string; readonly userId: string }>();
  /** Transaction by payment: the callback was answered with the literal. */
  readonly told = new Map<string, string>();
  /** Payments that the platform took money for. */
  readonly taken = new Map<string, { readonly orderId: string; readonly userId: string }>();
  /** What may never be said, whatever has died: an internal failure, or another order under the same key. */
  readonly untrue: string[] = [];
  private readonly random: () => number;
  private visits = 0;

  constructor(
    private readonly node: TestNode,
    seed: number,
  ) {
    this.shop = new Shop(node);
    this.random = seeded(seed);
  }

  /** So many customers at once. @returns what they wanted, so that they may come again */
  wishes(count: number): ReadonlyMap<string, Wish> {
    return new Map(Array.from({ length: count }, () => [`visit-${++this.visits}`, this.wish()]));
  }

  /** All come at once; whom the node's death cut off goes away without an answer. */
  async come(wishes: ReadonlyMap<string, Wish>): Promise<void> {
    await Promise.all([...wishes].map(([key, wish]) => this.visit(key, wish)));
  }

  /** Customers come, a few at a time, until the work is done. */
  async comeDuring(work: () => Promise<unknown>, atOnce = 8): Promise<void> {
    let over = false;
    const lanes = Array.from({ length: atOnce }, async () => {
      while (!over) await this.come(this.wishes(1));
    });
    try {
      await work();
    } finally {
      over = true;
      await Promise.all(lanes);
    }
  }

  /** Waits until all has ended, then holds every promise against what the shop says now. */
  async expectKept(withinMs = 30_000): Promise<void> {
    await this.shop.booksAreClean(withinMs);
    expect(this.untrue).toEqual([]);
    for (const { orderId, userId } of this.confirmed.values()) {
      const { data } = await this.shop.findOrder(orderId, userId);
      expect(data).toMatchObject({
        orderId,
        failCode: this.cancelled.has(orderId) ? expect.anything() : null,
      });
    }
    for (const [payId, transactionId] of this.told) {
      const { transactions } = await this.shop.paymentBooks(payId);
      const known = rows({ transactions }, 'transactions').find(
        (one) => one['transactionId'] === transactionId,
      );
      expect([payId, known?.['state']]).toEqual([payId, expect.stringMatching(/^(booked|refunded)$/)]);
    }
    for (const [payId, { orderId, userId }] of this.taken) {
      await until(`order ${orderId} to be paid by ${payId}`, async () => {
        const { data } = await this.shop.findOrder(orderId, userId);
        return data['payStatus'] === 2 && data['payId'] === payId;
      });
    }
    await this.shop.booksAreClean(withinMs);
  }

  private readonly cancelled = new Set<string>();

  private wish(): Wish {
    const pick = <Item>(items: readonly Item[]): Item =>
      items[Math.floor(this.random() * items.length)] as Item;
    const user = pick(DEMO_USERS);
    const goods = new Set([pick(DEMO_GOODS), ...(this.random() < 0.4 ? [pick(DEMO_GOODS)] : [])]);
    const hasMistake = this.random() < 0.15;
    const own = DEMO_COUPONS.filter((coupon) => coupon.userId === user.userId);
    return {
      userId: user.userId,
      lines: [...goods].map(({ goodsId, price }, place) => ({
        goodsId,
        goodsPrice: price,
        // The last line of a mistaken order cannot be taken, so that what the others took must come back.
        goodsNumber: hasMistake && place === goods.size - 1 ? 900_000 : 1,
      })),
      couponId: this.random() < 0.3 ? pick(own).couponId : undefined,
      moneyPaid: this.random() < 0.4 ? '1.00' : undefined,
      pays: pick(['at the platform', 'at the platform', 'by callback', 'not', 'cancels'] as const),
    };
  }

  private async visit(key: string, wish: Wish): Promise<void> {
    const { userId, lines, couponId, moneyPaid, pays } = wish;
    const placed = await this.reach(
      this.shop.placeOrder(lines, {
        userId,
        key,
        ...(couponId === undefined ? {} : { couponId }),
        ...(moneyPaid === undefined ? {} : { moneyPaid }),
      }),
    );
    if (!placed?.success) return;
    const orderId = String(placed.data['orderId']);
    const before = this.confirmed.get(key);
    if (before && before.orderId !== orderId) this.untrue.push(`${key} is ${before.orderId} and ${orderId}`);
    this.confirmed.set(key, { orderId, userId });
    if (pays === 'cancels') {
      // Without an answer it is unknown whether it was done, and either is right.
      this.cancelled.add(orderId);
      const cancelled = await this.reach(this.shop.cancelOrder(orderId, userId));
      if (!cancelled?.success) this.confirmed.delete(key);
      return;
    }
    if (pays !== 'not') await this.pay(orderId, userId, String(placed.data['payAmount']), pays);
  }

  private async pay(orderId: string, userId: string, payAmount: string, how: Wish['pays']): Promise<void> {
    const created = await this.reach(this.shop.createPayment(orderId, payAmount, userId));
    if (!created?.success) return;
    const payId = String(created.data['payId']);
    if (how === 'at the platform') {
      const paid = await this.shop.pay(payId).catch(() => undefined);
      if (paid?.['paid'] === true) this.taken.set(payId, { orderId, userId });
      return;
    }
    const transactionId = `T-${payId}`;
    const body = JSON.stringify({ payId, orderId, isPaid: true, payAmount, transactionId });
    const signature = openKeys(this.node.dataDir).sign(Buffer.from(body));
    const answer = await this.reach(this.shop.callback(body, signature));
    if (answer?.text === 'success') this.told.set(payId, transactionId);
  }

  /** @returns undefined if the node died before it answered */
  private async reach(answer: Promise<Reply>): Promise<Reply | undefined> {
    const reply = await answer.catch((error: unknown) => {
      // Jest's TypeError is another than the one that fetch throws.
      if ((error as Error).name === 'TypeError') return undefined;
      throw error;
    });
    if (!reply) return undefined;
    this.answers += 1;
    const isLiteral = reply.text === 'success';
    const isTrue = isLiteral || reply.status < 500 || reply.status === 503;
    if (!isTrue || (reply.status === 202 && reply.code !== PENDING))
      this.untrue.push(`${reply.status} ${reply.text}`);
    return reply;
  }
}

/** Numbers from 0 to 1, the same for the same seed (mulberry32). */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
