// Customers of a shop of many nodes: they order, pay, look and cancel, note how long each answer took, and remember
// what they were promised.
import { codeOfNumber } from '../../actors/domain/codes';
import { orderBody } from './order-body';
import { Promises, type Witness } from './promises';
import { seeded, type Chance } from './seeded';
import { isBusy, isPending, isUntrue, type Answer } from './answer';
import type { Call, ShopClient } from './shop-client';
import { Tally } from './tally';
import type { Tokens } from './tokens';
import { wishFor, type Market, type Wish } from './wishes';
import { setTimeout as pause } from 'node:timers/promises';

export interface CustomersOptions {
  readonly client: ShopClient;
  readonly tokens: Tokens;
  readonly market: Market;
  readonly seed: number;
  /** Distinguishes the request keys of this run from those of others. */
  readonly run: string;
  /** The platform's signature, for callbacks in its name; without it nobody is paid that way. */
  readonly sign: ((bytes: Buffer) => string) | undefined;
  readonly adminToken: string | undefined;
  /** So long a customer asks for an order that is pending. */
  readonly pendingMs: number;
  /** What the next customer wants, if not what customers usually want. */
  readonly wishFor?: typeof wishFor;
}

const ASK_AGAIN_MS = 100;
const MOST_UNTRUE = 100;

export class Customers {
  readonly promises = new Promises();
  readonly tally = new Tally();
  private readonly chance: Chance;
  private visits = 0;

  constructor(private readonly options: CustomersOptions) {
    this.chance = seeded(options.seed);
  }

  /** So many customers. @returns what they want by request key, so that they may come again */
  wishes(count: number): ReadonlyMap<string, Wish> {
    const { market, wishFor: next = wishFor } = this.options;
    const wishes = Array.from({ length: count }, () => next(market, this.chance));
    return new Map(wishes.map((wish) => [`${this.options.run}-${++this.visits}`, wish]));
  }

  /** All come at once. */
  async come(wishes: ReadonlyMap<string, Wish>): Promise<void> {
    await Promise.all([...wishes].map(([key, wish]) => this.visit(key, wish)));
  }

  /**
   * @param onWait called with what is not kept yet, each time that it is found
   * @returns a line for each promise that is broken
   */
  broken(withinMs: number, onWait?: (why: string) => void): Promise<readonly string[]> {
    const { client, adminToken } = this.options;
    const witness: Witness = {
      order: async (orderId, userId) => (await this.find(orderId, userId)).data,
      transactions: async (payId) => {
        if (adminToken === undefined) return undefined;
        const path = `/admin/payments/${payId}`;
        const { data } = await client.send({ method: 'GET', path, token: adminToken });
        return data['transactions'] as Awaited<ReturnType<Witness['transactions']>>;
      },
    };
    return this.promises.broken(witness, withinMs, onWait);
  }

  private async visit(key: string, wish: Wish): Promise<void> {
    const [placed] = await Promise.all([this.place(key, wish), wish.sendsTwice && this.place(key, wish)]);
    if (!isConfirmed(placed)) return;
    const { userId, then } = wish;
    const orderId = String(placed.data['orderId']);
    const payAmount = String(placed.data['payAmount']);
    if (then === 'looks') await this.timed('find', () => this.find(orderId, userId));
    const cancels = then === 'cancels' || then === 'pays and cancels';
    const pays = then.startsWith('pays') || then === 'is paid by callback';
    await Promise.all([
      cancels && this.cancel(key, orderId, userId),
      pays && this.pay(orderId, payAmount, wish),
    ]);
  }

  private async place(key: string, { userId, lines, couponId, moneyPaid }: Wish): Promise<Answer> {
    const body = orderBody(userId, lines, {
      ...(couponId === undefined ? {} : { couponId }),
      ...(moneyPaid === undefined ? {} : { moneyPaid }),
    });
    const headers = { 'idempotency-key': key };
    const placed = await this.timed('place', async () => {
      const answer = await this.asUser(userId, { method: 'POST', path: '/order', body, headers });
      return isPending(answer) ? this.settled(answer, userId) : answer;
    });
    if (isConfirmed(placed)) this.promises.confirmed(key, String(placed.data['orderId']), userId);
    if (isRefusal(placed)) this.promises.refused(key, placed.code);
    return placed;
  }

  /** Asks for a pending order until it has ended. @returns what the shop says of it in the end */
  private async settled(pending: Answer, userId: string): Promise<Answer> {
    const deadline = performance.now() + this.options.pendingMs;
    for (;;) {
      const found = await this.find(String(pending.data['orderId']), userId);
      // One that is not there yet may still be on its way to its actor.
      if (found.success && found.data['orderStatus'] !== 0) return found;
      if (performance.now() >= deadline) return pending;
      await pause(ASK_AGAIN_MS);
    }
  }

  private async cancel(key: string, orderId: string, userId: string): Promise<void> {
    // Without an answer it is unknown whether it was done, and either is right.
    this.promises.ends(key, 'either');
    const call = { method: 'POST', path: `/order/${orderId}/cancel` } as const;
    const { success } = await this.timed('cancel', () => this.asUser(userId, call));
    if (success) this.promises.ends(key, 'cancelled');
  }

  private async pay(orderId: string, payAmount: string, wish: Wish): Promise<void> {
    const { userId, then, misbehaviour = {} } = wish;
    const body = { orderId, payAmount };
    const call = { method: 'POST', path: '/pay/createPayment', body } as const;
    const created = await this.timed('createPayment', () => this.asUser(userId, call));
    if (!created.success) return;
    const payId = String(created.data['payId']);
    const { client, sign } = this.options;
    if (then === 'is paid by callback' && sign) {
      await this.callBack(payId, orderId, payAmount, sign);
      return;
    }
    // The platform is not the shop: how long it takes is not the shop's time.
    const paid = await client.post(String(created.data['payUrl']), misbehaviour);
    if (paid?.['paid'] === true && paid['amount'] === payAmount)
      this.promises.paidAtPlatform(payId, orderId, userId, Date.now());
  }

  private async callBack(
    payId: string,
    orderId: string,
    payAmount: string,
    sign: (bytes: Buffer) => string,
  ): Promise<void> {
    const transactionId = `T-${payId}`;
    const body = JSON.stringify({ payId, orderId, isPaid: true, payAmount, transactionId });
    const headers = { 'x-signature': sign(Buffer.from(body)) };
    const call = { method: 'POST', path: '/pay/callbackPayment', body, headers } as const;
    const answer = await this.timed('callback', () => this.options.client.send(call), true);
    if (answer.text === 'success') this.promises.calledBack(transactionId, payId);
  }

  private async asUser(userId: string, call: Call): Promise<Answer> {
    return this.options.client.send({ ...call, token: await this.options.tokens(userId) });
  }

  private find(orderId: string, userId: string): Promise<Answer> {
    return this.asUser(userId, { method: 'GET', path: `/order/${orderId}` });
  }

  /** @param literal whether the answer may be the callback's literal */
  private async timed(kind: string, ask: () => Promise<Answer>, literal = false): Promise<Answer> {
    const startedMs = performance.now();
    const answer = await ask();
    const endedMs = performance.now();
    const isLie = isUntrue(answer, literal);
    if (isLie && this.promises.untrue.length < MOST_UNTRUE)
      this.promises.untrue.push(`${kind}: ${answer.status} ${answer.text}`);
    this.tally.note({ kind, startedMs, endedMs, result: resultOf(answer, isLie), node: answer.node });
    return answer;
  }
}

/** A 'no' for good: it is not asked again. */
const isRefusal = ({ success, status, code }: Answer): boolean =>
  !success && status >= 400 && status < 500 && status !== 429 && !Number.isNaN(code);

const isConfirmed = (placed: Answer): boolean => placed.success && placed.data['orderStatus'] === 1;

function resultOf(answer: Answer, isLie: boolean): string {
  if (answer.status === 0) return `no answer (${answer.message.split(':')[0]})`;
  if (isLie || isBusy(answer) || isPending(answer))
    return codeOfNumber(answer.code) ?? `status ${answer.status}`;
  return 'true';
}
