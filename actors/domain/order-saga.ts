// The saga's steps: what an order asks of goods, coupon and wallet, and what it makes of their answers.
import { MOST_ATTEMPTS } from './attempts';
import { firstOf, type Code } from './codes';
import type { Ask } from './decision';
import type { Address, Answer, Instant } from './envelope';
import { add, isNegative, subtract, ZERO, type Money } from './money';
import type { Order } from './order-state';

/** A saga that is silent for longer than any round can last has lost its actor: it is taken up again. */
export const SILENCE_MS = 60_000;

/** The first retry comes after this long, later ones after twice as long each. */
const RETRY_AFTER_MS = 200;

export const retryDelayMs = (attemptsSoFar: number): number => RETRY_AFTER_MS * 2 ** (attemptsSoFar - 1);

export interface Step extends Ask {
  /** The order's fail code when this step is given up. */
  readonly failCode: Code;
}

/** Whom an order will ask: the addresses of its steps, before it has an id. */
export function neededBy({
  lines,
  userId,
  couponId,
}: Pick<Order, 'lines' | 'userId' | 'couponId'>): Address[] {
  const needs: Address[] = lines.map(({ goodsId }) => ({ kind: 'goods', id: goodsId }));
  needs.push({ kind: 'wallet', id: userId });
  if (couponId !== undefined) needs.push({ kind: 'coupon', id: couponId });
  return needs;
}

/** The steps of an order, in an order that never changes, so that answers match by place. */
export function stepsOf(order: Order, at: Instant): readonly Step[] {
  const { orderId, userId, couponId } = order;
  const stock = order.lines.map((line): Step => ({
    to: { kind: 'goods', id: line.goodsId },
    command: { type: 'TakeStock', orderId, quantity: line.quantity, price: line.price } as Ask['command'],
    key: orderId,
    failCode: 'SHOP_REDUCE_GOODS_NUM_FAIL',
  }));
  const wallet: Step = {
    to: { kind: 'wallet', id: userId },
    command: { type: 'TakeMoney', orderId, amount: order.moneyPaid } as Ask['command'],
    key: orderId,
    failCode: 'SHOP_USER_MONEY_REDUCE_FAIL',
  };
  if (couponId === undefined) return [...stock, wallet];
  const coupon: Step = {
    to: { kind: 'coupon', id: couponId },
    command: { type: 'UseCoupon', orderId, userId, at } as Ask['command'],
    key: orderId,
    failCode: 'SHOP_COUPON_USE_FAIL',
  };
  return [...stock, wallet, coupon];
}

export type Judgement =
  | { readonly verdict: 'confirm'; readonly couponPaid: Money; readonly payAmount: Money }
  | { readonly verdict: 'end'; readonly code: Code; readonly invalid: boolean }
  | { readonly verdict: 'again' };

/** What the answers to all steps come to; `answers` is in the steps' places. */
export function judge(order: Order, steps: readonly Step[], answers: readonly Answer[]): Judgement {
  const refusals = answers.filter((answer) => answer.outcome === 'refused');
  const [first, ...others] = refusals;
  if (first) {
    const code = firstOf([first.code, ...others.map((refusal) => refusal.code)]);
    return {
      verdict: 'end',
      code,
      invalid: refusals.some((refusal) => refusal.code === code && refusal.invalid),
    };
  }
  const failed = steps.filter((_, place) => answers[place]?.outcome !== 'ok');
  const [failure, ...otherFailures] = failed;
  if (failure) {
    const waitedInVain = answers.some((answer) => answer.outcome === 'retry');
    if (!waitedInVain && order.attempts < MOST_ATTEMPTS) return { verdict: 'again' };
    const code = firstOf([failure.failCode, ...otherFailures.map((step) => step.failCode)]);
    return { verdict: 'end', code, invalid: false };
  }
  const couponPaid = order.couponId === undefined ? ZERO : priceIn(answers.at(-1));
  const payAmount = subtract(order.orderAmount, add(couponPaid, order.moneyPaid));
  if (isNegative(payAmount)) return { verdict: 'end', code: 'SHOP_MONEY_PAID_INVALID', invalid: false };
  return { verdict: 'confirm', couponPaid, payAmount };
}

/** The price in a coupon's answer. */
function priceIn(answer: Answer | undefined): Money {
  if (answer?.outcome !== 'ok') throw new Error('the coupon has not answered');
  return (answer.data as { price: Money }).price;
}
