// order_cancel: each group gives back what the order ever sent a command for, once the order itself has said
// that it is off. What the event's body claims is not believed (R1, fault 8).
import { lineKey, id, type OrderId, type PayId } from '../../actors/domain/ids';
import type { GroupName } from '../../actors/domain/events';
import { isZero } from '../../actors/domain/money';
import type { Order } from '../../actors/domain/order-state';
import { OrderStatus } from '../../actors/domain/order-state';
import type { Router } from '../../actors/domain/ports';
import { RetryableError } from '../../actors/domain/errors';
import { idText } from '../../actors/domain/schemas';
import { closePayment, type ClosingParts } from '../../actors/close-payment';
import { lineKeysOf } from '../line-keys';
import { outcomeOf, unresolved, type EventHandler, type Part, type PartOutcome } from '../resolution';

type CancelGroup = Extract<GroupName, `order_orderTopic_cancel_${string}`>;

/** The handlers of the four groups of order_cancel. */
export function orderCancelHandlers(parts: ClosingParts): Readonly<Record<CancelGroup, EventHandler>> {
  const { router } = parts;
  const handler = (partsOf: (order: Order) => readonly Part[]): EventHandler => ({
    keyOf: (body) => idText(body['orderId'] as string | number),
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
    order_orderTopic_cancel_order_group: handler((order) => [settleOrder(parts, order)]),
    order_orderTopic_cancel_goods_group: {
      ...handler((order) => giveStockBack(router, order)),
      // Whoever cannot find the lines out yet counts that under one of them: once it is done, no straggler who fails
      // leaves a trace.
      keyOf: (body) => {
        const orderId = idText(body['orderId'] as string | number);
        return lineKeysOf(orderId, body)[0] ?? orderId;
      },
    },
    order_orderTopic_cancel_coupon_group: handler((order) => [giveCouponBack(router, order)]),
    order_orderTopic_cancel_user_group: handler((order) => [giveMoneyBack(router, order)]),
  };
}

/** The order group's own effect: what was paid for a refunded order goes back, and nobody pays one that is off (R16). */
function settleOrder(parts: ClosingParts, order: Order): Part {
  const { router } = parts;
  const { orderId, payId } = order;
  return {
    key: orderId,
    async run(claim, attempt) {
      if (order.status === OrderStatus.refunded && payId !== undefined) {
        const command = { type: 'RefundPayment', reason: 'the order is refunded' };
        const refund = await router.ask({ kind: 'payment', id: payId, command, key: payId, attempt });
        if (refund.outcome !== 'ok') return outcomeOf(refund);
      } else if (payId !== undefined) {
        const open = await stillOpen(parts, payId);
        if (open) return open;
      }
      const command = { type: 'CancelOrder' };
      return outcomeOf(
        await router.ask({ kind: 'order', id: orderId, command, key: orderId, attempt, inbox: claim }),
      );
    },
  };
}

/** @returns why a payment is not closed; undefined if it is, or if it is paid: then the order will not take it */
async function stillOpen(parts: ClosingParts, payId: PayId): Promise<PartOutcome | undefined> {
  try {
    const state = await closePayment(parts, payId);
    return state === 'not now' ? { part: 'wait', reason: 'the payment cannot be closed now' } : undefined;
  } catch (error) {
    // A platform that is away refuses nothing: it is waited for, and no attempt is burnt (R10).
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
