// The order is the saga: its intention is committed before any step is tried, it ends in one commit, and
// the order_cancel event of that commit is the only way back.
import { MOST_ATTEMPTS } from './attempts';
import type { Code } from './codes';
import { accept, reject, unchanged, wait, type Decider, type Decision, type FollowUp } from './decision';
import { ok, refused, type Answer, type Instant } from './envelope';
import type { OrderId, PayId } from './ids';
import { plusMs } from './instant';
import { isZero, ZERO, type Money } from './money';
import { goodsAmountOf, refusalOf, sumLines } from './order-rules';
import { judge, retryDelayMs, SILENCE_MS, stepsOf } from './order-saga';
import { Compensation, OrderStatus, PayStatus, ShippingStatus, type Order } from './order-state';

export type OrderCommand =
  | ({ readonly type: 'PlaceOrder'; readonly at: Instant } & Pick<
      Order,
      | 'orderId'
      | 'userId'
      | 'lines'
      | 'shippingFee'
      | 'orderAmount'
      | 'couponId'
      | 'moneyPaid'
      | 'address'
      | 'consignee'
      | 'requestKey'
      | 'requestHash'
      | 'expireTime'
    >)
  /** All steps of one round have answered; `round` is the attempt that asked. */
  | {
      readonly type: 'StepsAnswered';
      readonly round: number;
      readonly answers: readonly Answer[];
      readonly at: Instant;
    }
  /** Round `after` is to be followed by another: it has to be tried again, or a node has found the order half-way in it. */
  | { readonly type: 'TrySteps'; readonly after: number; readonly at: Instant }
  | { readonly type: 'AwaitOrder' }
  | { readonly type: 'FindOrder' }
  | { readonly type: 'CancelOrder' }
  | { readonly type: 'ExpireOrder'; readonly at: Instant }
  /** With a payment only if that is the one which the order is paid by. */
  | { readonly type: 'RefundOrder'; readonly payId?: PayId }
  | { readonly type: 'ShipOrder' }
  | { readonly type: 'OpenPayment'; readonly payId: PayId; readonly amount: Money; readonly at: Instant }
  | { readonly type: 'ClosePayment'; readonly payId: PayId }
  | { readonly type: 'MarkPaid'; readonly payId: PayId; readonly amount: Money; readonly at: Instant }
  | { readonly type: 'FinishCompensation'; readonly failed: boolean };

export type OrderFact =
  | { readonly type: 'OrderPlaced'; readonly order: Order }
  | { readonly type: 'AttemptBegun'; readonly attempts: number; readonly nextAttemptTime: Instant }
  | {
      readonly type: 'OrderConfirmed';
      readonly couponPaid: Money;
      readonly payAmount: Money;
      readonly at: Instant;
    }
  | { readonly type: 'OrderEnded'; readonly status: 2 | 3; readonly code: Code }
  | { readonly type: 'PaymentOpened'; readonly payId: PayId }
  | { readonly type: 'PaymentClosed' }
  | { readonly type: 'OrderPaid'; readonly payId: PayId; readonly at: Instant }
  | { readonly type: 'OrderRefunded' }
  | { readonly type: 'OrderShipped' }
  | { readonly type: 'CompensationFinished'; readonly failed: boolean };

/** The order that stands under a request key (R15). */
export interface StandingOrder {
  readonly orderId: OrderId;
  readonly requestHash: string;
}

type OrderDecision = Decision<OrderFact, OrderCommand>;

function decide(
  command: OrderCommand,
  order: Order | undefined,
  standing: StandingOrder | undefined,
): OrderDecision {
  if (command.type === 'PlaceOrder') return place(command, order, standing);
  if (!order) return reject('SHOP_ORDER_NO_EXIST');
  switch (command.type) {
    case 'StepsAnswered':
      return order.status === OrderStatus.unconfirmed && command.round === order.attempts
        ? conclude(order, command)
        : unchanged(ok({}));
    case 'TrySteps':
      return trySteps(order, command);
    case 'AwaitOrder':
      return awaitEnd(order);
    case 'FindOrder':
      return unchanged(ok(order));
    case 'CancelOrder':
      return cancel(order);
    case 'ExpireOrder':
      return isUnpaid(order) && order.expireTime <= command.at
        ? accept([{ type: 'OrderEnded', status: OrderStatus.cancelled, code: 'SHOP_ORDER_EXPIRED' }], ok({}))
        : unchanged(ok({}));
    case 'RefundOrder':
      return refund(order, command);
    case 'ShipOrder':
      return ship(order);
    case 'OpenPayment':
      return openPayment(order, command);
    case 'ClosePayment':
      return order.payStatus === PayStatus.paying && order.payId === command.payId && isUnpaid(order)
        ? accept([{ type: 'PaymentClosed' }], ok({}))
        : unchanged(ok({}));
    case 'MarkPaid':
      return markPaid(order, command);
    case 'FinishCompensation':
      return order.compensation === Compensation.running ||
        (order.compensation === Compensation.failed && !command.failed)
        ? accept([{ type: 'CompensationFinished', failed: command.failed }], ok({}))
        : unchanged(ok({}));
  }
}

function place(
  command: Extract<OrderCommand, { type: 'PlaceOrder' }>,
  order: Order | undefined,
  standing: StandingOrder | undefined,
): OrderDecision {
  if (order) return isPlacedBy(order, command) ? awaitEnd(order) : reject('SHOP_ORDER_SAVE_ERROR');
  if (standing) {
    return standing.requestHash === command.requestHash
      ? unchanged(ok({ standing: standing.orderId }))
      : reject('SHOP_ORDER_KEY_CONFLICT');
  }
  const lines = sumLines(command.lines);
  const refusal = refusalOf({ ...command, lines });
  if (refusal) return reject(refusal);
  const placed = placedOrder(command, lines);
  return accept([{ type: 'OrderPlaced', order: placed }], undefined, [askSteps(placed, command.at)]);
}

/** An id that was given twice must not show one customer the order of another. */
const isPlacedBy = (order: Order, command: Extract<OrderCommand, { type: 'PlaceOrder' }>): boolean =>
  order.userId === command.userId &&
  order.addTime === command.at &&
  order.requestHash === command.requestHash;

/** Written out, because a spread that is added to makes each further field a slow one: 70 us an order were measured. */
const placedOrder = (
  command: Extract<OrderCommand, { type: 'PlaceOrder' }>,
  lines: Order['lines'],
): Order => ({
  orderId: command.orderId,
  userId: command.userId,
  status: OrderStatus.unconfirmed,
  payStatus: PayStatus.unpaid,
  shippingStatus: ShippingStatus.notShipped,
  address: command.address,
  consignee: command.consignee,
  lines,
  goodsAmount: goodsAmountOf(lines),
  shippingFee: command.shippingFee,
  orderAmount: command.orderAmount,
  couponId: command.couponId,
  couponPaid: ZERO,
  moneyPaid: command.moneyPaid,
  payAmount: ZERO,
  addTime: command.at,
  confirmTime: undefined,
  payTime: undefined,
  version: 1,
  failCode: undefined,
  requestKey: command.requestKey,
  requestHash: command.requestHash,
  payId: undefined,
  expireTime: command.expireTime,
  attempts: 1,
  nextAttemptTime: plusMs(command.at, SILENCE_MS),
  compensation: Compensation.none,
});

/** Asks every step; those that were taken before answer the same again. */
function askSteps(order: Order, at: Instant): FollowUp<OrderCommand> {
  return {
    then: 'gather',
    asks: stepsOf(order, at),
    attempt: order.attempts,
    answerAs: (answers, answeredAt) => ({
      type: 'StepsAnswered',
      round: order.attempts,
      answers,
      at: answeredAt,
    }),
  };
}

function conclude(order: Order, command: Extract<OrderCommand, { type: 'StepsAnswered' }>): OrderDecision {
  const judgement = judge(order, stepsOf(order, command.at), command.answers);
  switch (judgement.verdict) {
    case 'confirm':
      return accept(
        [
          {
            type: 'OrderConfirmed',
            couponPaid: judgement.couponPaid,
            payAmount: judgement.payAmount,
            at: command.at,
          },
        ],
        ok({}),
      );
    case 'end':
      return accept(
        [
          {
            type: 'OrderEnded',
            status: judgement.invalid ? OrderStatus.invalid : OrderStatus.cancelled,
            code: judgement.code,
          },
        ],
        ok({}),
      );
    case 'again': {
      const later: FollowUp<OrderCommand> = {
        then: 'later',
        afterMs: retryDelayMs(order.attempts),
        command: (at) => ({ type: 'TrySteps', after: order.attempts, at }),
      };
      return { kind: 'unchanged', answer: ok({}), followUps: [later] };
    }
  }
}

/**
 * Begins one more round, once for each that is over; its count is committed before anything is asked, so no order is
 * resumed for ever (R10).
 */
function trySteps(order: Order, command: Extract<OrderCommand, { type: 'TrySteps' }>): OrderDecision {
  if (order.status !== OrderStatus.unconfirmed || order.attempts !== command.after) return unchanged(ok({}));
  if (order.attempts >= MOST_ATTEMPTS) {
    return accept(
      [{ type: 'OrderEnded', status: OrderStatus.cancelled, code: 'SHOP_ORDER_CONFIRM_FAIL' }],
      ok({}),
    );
  }
  const nextAttemptTime = plusMs(command.at, SILENCE_MS);
  const begun = { type: 'AttemptBegun', attempts: order.attempts + 1, nextAttemptTime } as const;
  return accept([begun], ok({}), [askSteps({ ...order, attempts: begun.attempts }, command.at)]);
}

const awaitEnd = (order: Order): OrderDecision => {
  const answer = settled(order);
  return answer ? unchanged(answer) : { kind: 'park' };
};

const isUnpaid = (order: Order): boolean =>
  order.status === OrderStatus.confirmed && order.payStatus !== PayStatus.paid;

function cancel(order: Order): OrderDecision {
  if (order.status === OrderStatus.unconfirmed) return wait;
  if (order.status !== OrderStatus.confirmed) return unchanged(ok(order));
  if (!isUnpaid(order) || order.shippingStatus !== ShippingStatus.notShipped) {
    return reject('SHOP_ORDER_STATUS_UPDATE_FAIL');
  }
  const ended = { type: 'OrderEnded', status: OrderStatus.cancelled, code: 'SHOP_ORDER_CANCELLED' } as const;
  return accept([ended], ok(evolve(order, ended)));
}

/** Only what is paid and not shipped is refunded (R16). */
function refund(order: Order, { payId }: Extract<OrderCommand, { type: 'RefundOrder' }>): OrderDecision {
  if (payId !== undefined && payId !== order.payId) return reject('SHOP_PAYMENT_PAY_ERROR');
  if (order.status === OrderStatus.refunded) return unchanged(ok(order));
  if (
    order.status !== OrderStatus.confirmed ||
    order.payStatus !== PayStatus.paid ||
    order.shippingStatus !== ShippingStatus.notShipped
  ) {
    return reject('SHOP_ORDER_STATUS_UPDATE_FAIL');
  }
  const refundedFact = { type: 'OrderRefunded' } as const;
  return accept([refundedFact], ok(evolve(order, refundedFact)));
}

function ship(order: Order): OrderDecision {
  if (order.shippingStatus === ShippingStatus.shipped) return unchanged(ok(order));
  if (order.status !== OrderStatus.confirmed || order.payStatus !== PayStatus.paid) {
    return reject('SHOP_ORDER_STATUS_UPDATE_FAIL');
  }
  const shipped = { type: 'OrderShipped' } as const;
  return accept([shipped], ok(evolve(order, shipped)));
}

function openPayment(order: Order, command: Extract<OrderCommand, { type: 'OpenPayment' }>): OrderDecision {
  if (order.status === OrderStatus.unconfirmed) return wait;
  if (order.payStatus === PayStatus.paid) return reject('SHOP_PAYMENT_IS_PAID');
  if (order.status !== OrderStatus.confirmed || order.expireTime <= command.at)
    return reject('SHOP_PAYMENT_PAY_ERROR');
  if (order.payAmount !== command.amount) return reject('SHOP_PAYMENT_AMOUNT_INVALID');
  if (order.payStatus === PayStatus.paying) return unchanged(ok({ payId: order.payId }));
  return accept([{ type: 'PaymentOpened', payId: command.payId }], ok({ payId: command.payId }));
}

/** 'No' is for good: the payment is refunded. Whoever asks has made sure that the money is there (R1). */
function markPaid(order: Order, command: Extract<OrderCommand, { type: 'MarkPaid' }>): OrderDecision {
  if (order.status === OrderStatus.unconfirmed) return wait;
  if (order.payStatus === PayStatus.paid) {
    return order.payId === command.payId ? unchanged(ok(order)) : reject('SHOP_PAYMENT_IS_PAID');
  }
  if (order.status !== OrderStatus.confirmed) return reject('SHOP_PAYMENT_PAY_ERROR');
  if (order.payAmount !== command.amount) return reject('SHOP_PAYMENT_AMOUNT_INVALID');
  const paid = { type: 'OrderPaid', payId: command.payId, at: command.at } as const;
  return accept([paid], ok(evolve(order, paid)));
}

function evolve(order: Order | undefined, fact: OrderFact): Order | undefined {
  if (fact.type === 'OrderPlaced') return fact.order;
  if (!order) return undefined;
  return { ...order, ...changeOf(fact), version: order.version + 1 };
}

function changeOf(fact: Exclude<OrderFact, { type: 'OrderPlaced' }>): Partial<Order> {
  switch (fact.type) {
    case 'AttemptBegun':
      return { attempts: fact.attempts, nextAttemptTime: fact.nextAttemptTime };
    case 'OrderConfirmed': {
      const confirmed = {
        status: OrderStatus.confirmed,
        couponPaid: fact.couponPaid,
        payAmount: fact.payAmount,
        confirmTime: fact.at,
        nextAttemptTime: undefined,
      };
      return isZero(fact.payAmount)
        ? { ...confirmed, payStatus: PayStatus.paid, payTime: fact.at }
        : confirmed;
    }
    case 'OrderEnded':
      return {
        status: fact.status,
        payStatus: PayStatus.unpaid,
        failCode: fact.code,
        nextAttemptTime: undefined,
        compensation: Compensation.running,
      };
    case 'PaymentOpened':
      return { payStatus: PayStatus.paying, payId: fact.payId };
    case 'PaymentClosed':
      return { payStatus: PayStatus.unpaid, payId: undefined };
    case 'OrderPaid':
      return { payStatus: PayStatus.paid, payId: fact.payId, payTime: fact.at };
    case 'OrderRefunded':
      return { status: OrderStatus.refunded, compensation: Compensation.running };
    case 'OrderShipped':
      return { shippingStatus: ShippingStatus.shipped };
    case 'CompensationFinished':
      return { compensation: fact.failed ? Compensation.failed : Compensation.done };
  }
}

/** The answer to whoever placed the order, once it has ended one way or the other. */
function settled(order: Order | undefined): Answer | undefined {
  if (!order || order.status === OrderStatus.unconfirmed) return undefined;
  if (order.failCode === undefined) return ok(order);
  return refused(order.failCode, order.status === OrderStatus.invalid, order);
}

/** `<userId>:<requestKey>`: the standing order is looked for when the insert met one, and on every repeat (R15). */
const recordKey = (command: OrderCommand, attempt: number): string | undefined =>
  command.type === 'PlaceOrder' && command.requestKey !== undefined && attempt > 1
    ? `${command.userId}:${command.requestKey}`
    : undefined;

/** Whoever places an order has just made its id. */
const begins = (command: OrderCommand, attempt: number): boolean =>
  command.type === 'PlaceOrder' && attempt === 1;

export const orderDecider: Decider<Order, OrderCommand, OrderFact, StandingOrder> = {
  decide,
  evolve,
  recordKey,
  begins,
  settled,
};
