// order_cancel: each group gives back what the order ever sent a command for, once the order itself has said
// that it is off. What the event's body claims is not believed (R1, fault 8).
import { RetryableError } from '../../actors/domain/errors';
import { lineKey, id, type OrderId, type PayId } from '../../actors/domain/ids';
import type { GroupName } from '../../actors/domain/events';
import { isZero } from '../../actors/domain/money';
import type { Order } from '../../actors/domain/order-state';
import { OrderStatus } from '../../actors/domain/order-state';
import type { Router } from '../../actors/domain/ports/router';
import { idText } from '../../actors/domain/schemas';
import { closePayment, type ClosingParts } from '../../actors/close-payment';
import { lineKeysOf } from '../../actors/domain/consumption-keys';
import { outcomeOf, unresolved, type EventHandler, type Part, type PartOutcome } from '../resolution';

type CancelGroup = Extract<GroupName, `order_orderTopic_cancel_${string}`>;

/** The handlers of the four groups of order_cancel. */
export function orderCancelHandlers(closing: ClosingParts): Readonly<Record<CancelGroup, EventHandler>> {
  const { router } = closing;
  const handler = (partsOf: (order: Order) => readonly Part[]): EventHandler => ({
    keysOf: (body) => [idText(body['orderId'] as string | number)],
    async resolve(body) {
      const orderId = id<OrderId>(idText(body['orderId'] as string | number));
      const answer = await router.ask({
        kind: 'order',
        id: orderId,
        command: { type: 'CancelOrder' },
        key: orderId,
        attempt: 1,
      });
      if (answer.outcome !== 'ok') return unresolved(answer, ['SHOP_ORDER_NO_EXIST']);
      return { resolved: 'parts', parts: partsOf(answer.data as Order) };
    },
  });
  return {
    order_orderTopic_cancel_order_group: handler((order) => [settleOrder(closing, order)]),
    order_orderTopic_cancel_goods_group: {
      ...handler((order) => giveStockBack(router, order)),
      // Whoever cannot find the lines out yet counts that under one that is not over: once all are, no straggler who
      // fails leaves a trace.
      keysOf: (body) => lineKeysOf(idText(body['orderId'] as string | number), body),
    },
    order_orderTopic_cancel_coupon_group: handler((order) => [giveCouponBack(router, order)]),
    order_orderTopic_cancel_user_group: handler((order) => [giveMoneyBack(router, order)]),
  };
}

/**
 * The order group's own effect: a payment of a refunded order goes back to the customer (R16); the open payment of one
 * that was called off is closed, so that what arrived or still arrives for it goes back too (R13).
 */
function settleOrder(closing: ClosingParts, order: Order): Part {
  const { router } = closing;
  const { orderId, payId } = order;
  return {
    key: orderId,
    async run(claim, attempt) {
      if (payId !== undefined) {
        const unsettled =
          order.status === OrderStatus.refunded
            ? await refund(router, payId, attempt)
            : await close(closing, payId);
        if (unsettled) return unsettled;
      }
      const command = { type: 'CancelOrder' };
      return outcomeOf(
        await router.ask({ kind: 'order', id: orderId, command, key: orderId, attempt, inbox: claim }),
      );
    },
  };
}

/** @returns why it is not done; undefined if it is */
async function refund(router: Router, payId: PayId, attempt: number): Promise<PartOutcome | undefined> {
  const command = { type: 'RefundPayment', reason: 'the order is refunded' };
  const refunded = await router.ask({ kind: 'payment', id: payId, command, key: payId, attempt });
  return refunded.outcome === 'ok' ? undefined : outcomeOf(refunded);
}

/** @returns why it is not done; undefined if it is */
async function close(closing: ClosingParts, payId: PayId): Promise<PartOutcome | undefined> {
  try {
    const isKnown = (await closePayment(closing, payId)) !== 'unknown';
    return isKnown ? undefined : { part: 'wait', reason: 'the payment does not answer' };
  } catch (error) {
    // A platform that is away is waited for, and no attempt is burnt (R10).
    if (error instanceof RetryableError) return { part: 'wait', reason: error.message };
    throw error;
  }
}

const giveStockBack = (router: Router, order: Order): readonly Part[] =>
  order.lines.map(({ goodsId }) => ({
    key: lineKey(order.orderId, goodsId),
    run: async (claim, attempt) => {
      const command = { type: 'GiveStockBack', orderId: order.orderId };
      return outcomeOf(
        await router.ask({ kind: 'goods', id: goodsId, command, key: order.orderId, attempt, inbox: claim }),
      );
    },
  }));

function giveCouponBack(router: Router, { orderId, couponId }: Order): Part {
  return {
    key: orderId,
    async run(claim, attempt) {
      if (couponId === undefined) return { part: 'without-effect' };
      const command = { type: 'GiveCouponBack', orderId };
      return outcomeOf(
        await router.ask({ kind: 'coupon', id: couponId, command, key: orderId, attempt, inbox: claim }),
      );
    },
  };
}

/** Wallet money, and the points of a refunded order. */
function giveMoneyBack(router: Router, order: Order): Part {
  const { orderId, userId } = order;
  const payId = order.status === OrderStatus.refunded ? order.payId : undefined;
  return {
    key: orderId,
    async run(claim, attempt) {
      if (isZero(order.moneyPaid) && payId === undefined) return { part: 'without-effect' };
      const command = { type: 'GiveMoneyBack', orderId, ...(payId === undefined ? {} : { payId }) };
      return outcomeOf(
        await router.ask({ kind: 'wallet', id: userId, command, key: orderId, attempt, inbox: claim }),
      );
    },
  };
}
