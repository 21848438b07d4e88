// What the client sends: whole requests as text, drawn the same way for every system.
import { orderBody } from '../../bin/load/order-body';
import { seeded } from '../../bin/load/seeded';
import type { Answer } from './connection';
import { GOODS, USERS } from './shop-size';
import { dueOf, FIRST_PAY_ID, ownerOf, priceOf, type Supply } from './stock';

export type Workload = 'uniform' | 'hot' | 'callback';

export interface Requests {
  /** @returns undefined if there is none left */
  readonly next: () => string | undefined;
  readonly isDone: (answer: Answer) => boolean;
}

const SEED = 1;
const MONEY_PAID = '1.00';

/** What the workload needs, if no system does more than so many requests. */
export const supplyFor = (workload: Workload, requests: number, history = 0): Supply => ({
  coupons: workload === 'uniform' ? Math.ceil(requests / 2) : 0,
  payments: workload === 'callback' ? requests : 0,
  history,
});

/** Orders of any goods, every other one with a coupon, or of one kind of goods without; paid in part from the wallet. */
export function orders(
  workload: 'uniform' | 'hot',
  { coupons }: Supply,
  tokenOf: (userId: string) => string,
): Requests {
  const chance = seeded(SEED);
  let sent = 0;
  const next = (): string | undefined => {
    sent += 1;
    const isUniform = workload === 'uniform';
    const coupon = isUniform && sent % 2 === 0 ? sent / 2 : undefined;
    if (coupon !== undefined && coupon > coupons) return undefined;
    const userId = String(coupon === undefined ? chance.whole(1, USERS) : ownerOf(coupon));
    const goods = isUniform ? chance.whole(1, GOODS) : 1;
    const line = { goodsId: String(goods), goodsPrice: priceOf(goods), goodsNumber: chance.whole(1, 3) };
    const body = orderBody(userId, [line], {
      moneyPaid: MONEY_PAID,
      ...(coupon === undefined ? {} : { couponId: String(coupon) }),
    });
    return post('/order', JSON.stringify(body), `authorization: Bearer ${tokenOf(userId)}\r\n`);
  };
  return { next, isDone: ({ status, text }) => status === 200 && text.includes('"orderStatus":1') };
}

/** Callbacks of the platform, each once. @param callbacks of signedCallback */
export function callbacks(signed: readonly string[]): Requests {
  const rest = signed.values();
  return {
    next: () => rest.next().value,
    isDone: ({ status, text }) => status === 200 && text === 'success',
  };
}

/** The platform's request for the payment of this place. */
export function signedCallback(place: number, sign: (bytes: Buffer) => string): string {
  const payId = String(FIRST_PAY_ID + place);
  const body = JSON.stringify({
    payId,
    orderId: String(place),
    isPaid: true,
    payAmount: dueOf(place),
    transactionId: `T-${payId}`,
  });
  return post('/pay/callbackPayment', body, `x-signature: ${sign(Buffer.from(body))}\r\n`);
}

const post = (path: string, body: string, headers: string): string =>
  `POST ${path} HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\n${headers}` +
  `content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
