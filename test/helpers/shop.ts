// What customers, operators and payers do with a running node, over HTTP: a small client that never throws on a
// refusal, and gives the status and the envelope of every answer.
import { randomInt } from 'node:crypto';
import { DEMO_GOODS, DEMO_USERS } from '../../persistence/demo-data';
import type { AuditReport } from '../../actors/domain/operations';
import { CODES, type Code } from '../../actors/domain/codes';
import { orderBody as bodyFor, type Data, type OrderExtras, type OrderLine } from '../../bin/load/order-body';
import type { TestNode } from './node';
import { until } from './until';

export type { Data, OrderLine } from '../../bin/load/order-body';

export interface Reply {
  readonly status: number;
  readonly success: boolean;
  readonly code: number;
  readonly message: string;
  readonly data: Data;
  readonly headers: Headers;
  /** The body as it came, e.g. a callback's literal. */
  readonly text: string;
}

export interface OrderWish extends OrderExtras {
  readonly userId?: string;
  readonly key?: string;
}

const anyKey = (): string => String(randomInt(1, 2 ** 47));

export type Behaviour = 'well' | 'twice' | 'late' | 'wrong-amount' | 'bad-signature' | 'again' | 'silent';

interface Call {
  readonly token?: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** The first demo user: 1000.00 in the wallet. */
export const USER = DEMO_USERS[0]?.userId ?? '';
/** The first demo goods: 5000.00 each, 1000 in stock. */
export const PHONE = { goodsId: DEMO_GOODS[0]?.goodsId ?? '', goodsPrice: '5000.00', goodsNumber: 1 };

/** The body of an order whose figures are right, of the first demo user unless the wish names another. */
export const orderBody = (lines: readonly OrderLine[], wish: OrderWish = {}): Data =>
  bodyFor(wish.userId ?? USER, lines, wish);

export class Shop {
  constructor(readonly node: Pick<TestNode, 'url' | 'sandboxUrl' | 'token' | 'adminToken'>) {}

  async request(method: string, path: string, { token, body, headers }: Call = {}): Promise<Reply> {
    const answer = await fetch(new URL(path, this.node.url), {
      method,
      headers: {
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const received = await answer.text();
    const envelope = received.startsWith('{') ? (JSON.parse(received) as Omit<Reply, 'status'>) : undefined;
    return {
      status: answer.status,
      success: envelope?.success ?? false,
      code: envelope?.code ?? NaN,
      message: envelope?.message ?? received,
      data: envelope?.data ?? {},
      headers: answer.headers,
      text: received,
    };
  }

  /** As the customer that the body names, unless another is given. */
  placeOrder(lines: readonly OrderLine[], wish: OrderWish = {}): Promise<Reply> {
    const { userId = USER, key } = wish;
    return this.request('POST', '/order', {
      token: this.node.token(userId),
      body: orderBody(lines, wish),
      ...(key === undefined ? {} : { headers: { 'idempotency-key': key } }),
    });
  }

  /** @returns the id of a confirmed order. @throws Error with the answer if it is not */
  async confirmedOrder(lines: readonly OrderLine[], wish: OrderWish = {}): Promise<string> {
    const { data } = must(await this.placeOrder(lines, wish));
    return String(data['orderId']);
  }

  findOrder(orderId: unknown, userId = USER): Promise<Reply> {
    return this.request('GET', `/order/${String(orderId)}`, { token: this.node.token(userId) });
  }

  cancelOrder(orderId: unknown, userId = USER): Promise<Reply> {
    return this.request('POST', `/order/${String(orderId)}/cancel`, { token: this.node.token(userId) });
  }

  createPayment(orderId: unknown, payAmount: unknown, userId = USER): Promise<Reply> {
    const body = { orderId, payAmount };
    return this.request('POST', '/pay/createPayment', { token: this.node.token(userId), body });
  }

  /** @returns the id of the order's open payment */
  async openPayment(orderId: string, userId = USER): Promise<string> {
    const { data } = must(await this.findOrder(orderId, userId));
    return String(must(await this.createPayment(orderId, data['payAmount'], userId)).data['payId']);
  }

  findPayment(payId: unknown, userId = USER): Promise<Reply> {
    return this.request('GET', `/pay/${String(payId)}`, { token: this.node.token(userId) });
  }

  /** Pays at the sandbox platform, as a payer does. */
  async pay(
    payId: unknown,
    behaviour: Behaviour = 'well',
    more: Data = {},
  ): Promise<Data & { status: number }> {
    const answer = await fetch(new URL(`/pay/${String(payId)}`, this.node.sandboxUrl), {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ behaviour, ...more }),
    });
    return { ...((await answer.json()) as Data), status: answer.status };
  }

  /** Creates the payment of a confirmed order, pays it and waits until the order is paid. @returns the payId */
  async paidOrder(orderId: string, userId = USER): Promise<string> {
    const payId = await this.openPayment(orderId, userId);
    await this.pay(payId);
    await until(
      'the order to be paid',
      async () => (await this.findOrder(orderId, userId)).data['payStatus'] === 2,
    );
    return payId;
  }

  callback(body: unknown, signature?: string): Promise<Reply> {
    return this.request('POST', '/pay/callbackPayment', {
      body,
      ...(signature === undefined ? {} : { headers: { 'x-signature': signature } }),
    });
  }

  user(userId = USER): Promise<Reply> {
    return this.request('GET', `/user/${userId}`, { token: this.node.token(userId) });
  }

  async balance(userId = USER): Promise<unknown> {
    return must(await this.user(userId)).data['userMoney'];
  }

  async points(userId = USER): Promise<number> {
    return Number(must(await this.user(userId)).data['userScore']);
  }

  goods(goodsId: unknown): Promise<Reply> {
    return this.request('GET', `/goods/${String(goodsId)}`);
  }

  async stock(goodsId: unknown): Promise<unknown> {
    return must(await this.goods(goodsId)).data['goodsNumber'];
  }

  /** The coupon's row as its owner's list has it. */
  async coupon(couponId: string, userId = USER): Promise<Data> {
    const answer = await this.request('GET', `/coupon?userId=${userId}&limit=200`, {
      token: this.node.token(userId),
    });
    const list = must(answer).data as unknown as readonly Data[];
    const found = list.find((one) => one['couponId'] === couponId);
    if (!found) throw new Error(`${userId} has no coupon ${couponId}`);
    return found;
  }

  /** Any route of an operator, under /admin. */
  admin(method: string, path: string, body?: unknown): Promise<Reply> {
    const token = this.node.adminToken;
    return this.request(method, `/admin${path}`, { token, ...(body === undefined ? {} : { body }) });
  }

  /** New goods. @returns them as a line of an order of one piece */
  async createGoods(goodsPrice: string, goodsNumber: number): Promise<OrderLine> {
    const body = { goodsName: 'Goods of a test', goodsPrice, goodsNumber, requestKey: anyKey() };
    const { data } = must(await this.admin('POST', '/goods', body));
    return { goodsId: String(data['goodsId']), goodsPrice, goodsNumber: 1 };
  }

  /** A new coupon. @returns its id */
  async issueCoupon(couponPrice: string, userId = USER): Promise<string> {
    const body = { userId, couponPrice, requestKey: anyKey() };
    return String(must(await this.admin('POST', '/coupons', body)).data['couponId']);
  }

  recharge(userId: string, amount: string, requestKey: string): Promise<Reply> {
    return this.admin('POST', '/recharge', { userId, amount, requestKey });
  }

  restock(goodsId: string, goodsNumber: number, requestKey: string): Promise<Reply> {
    return this.admin('POST', '/stock', { goodsId, goodsNumber, requestKey });
  }

  refund(payId: unknown): Promise<Reply> {
    return this.admin('POST', `/payments/${String(payId)}/refund`);
  }

  /** An order with its ledgers, payments and events. */
  async orderBooks(orderId: unknown): Promise<Data> {
    return must(await this.admin('GET', `/orders/${String(orderId)}`)).data;
  }

  async paymentBooks(payId: unknown): Promise<Data> {
    return must(await this.admin('GET', `/payments/${String(payId)}`)).data;
  }

  async audit(): Promise<AuditReport> {
    return must(await this.admin('GET', '/audit')).data as unknown as AuditReport;
  }

  async deadLetters(): Promise<readonly Data[]> {
    return must(await this.admin('GET', '/dead-letters')).data as unknown as readonly Data[];
  }

  /** Waits until everything that was begun has ended and no rule of the books is broken. */
  async booksAreClean(withinMs = 15_000): Promise<void> {
    const broken = await this.brokenRules(withinMs);
    if (broken.length > 0) throw new Error(`The books are not clean:\n${broken.join('\n')}`);
  }

  /** @returns a line for each rule of the books that is still broken after this time, none as soon as all hold */
  async brokenRules(withinMs: number): Promise<readonly string[]> {
    let broken: readonly string[] = [];
    const clean = async (): Promise<boolean> => {
      broken = ['the audit gave no answer'];
      const { rules } = await this.audit();
      broken = rules
        .filter((rule) => rule.broken > 0)
        .map((rule) => `${rule.rule}: ${rule.broken}, e.g. ${rule.examples.join(' ')}`);
      return broken.length === 0;
    };
    await until('the audit to find nothing', clean, withinMs).catch(() => undefined);
    return broken;
  }
}

/** @throws Error with the answer unless it was a success */
export function must(reply: Reply): Reply {
  if (reply.success) return reply;
  throw new Error(`Refused with ${reply.status} ${reply.code}: ${reply.message}`);
}

/** Expects a refusal with this code and its HTTP status. */
export function expectRefused(reply: Reply, code: Code): void {
  expect({ code: reply.code, status: reply.status, success: reply.success }).toEqual({
    code: CODES[code].code,
    status: CODES[code].status,
    success: false,
  });
}

/** The members of an answer's data that a list of objects is expected under. */
export const rows = (data: Data, name: string): readonly Data[] => data[name] as readonly Data[];
