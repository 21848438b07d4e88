// The events of an order's facts, saved in the same commit as the facts (promise 1).
import type { OutboxEvent } from './events';
import type { OrderFact } from './order';
import type { Order } from './order-state';

/** @param confirmEvents whether other systems want order_confirm */
export function eventsOfOrder(fact: OrderFact, order: Order, confirmEvents: boolean): readonly OutboxEvent[] {
  if (fact.type === 'OrderConfirmed') {
    return confirmEvents
      ? [event('order_confirm', order, { payAmount: order.payAmount, confirmTime: order.confirmTime })]
      : [];
  }
  if (fact.type !== 'OrderEnded' && fact.type !== 'OrderRefunded') return [];
  const [first, ...others] = order.lines;
  const goods =
    others.length === 0
      ? { goodsId: first.goodsId, goodsNumber: first.quantity }
      : { lines: order.lines.map((line) => ({ goodsId: line.goodsId, goodsNumber: line.quantity })) };
  return [
    event('order_cancel', order, {
      ...goods,
      ...(order.couponId === undefined ? {} : { couponId: order.couponId }),
      userMoney: order.moneyPaid,
      reason: fact.type === 'OrderEnded' ? fact.code : 'refunded',
    }),
  ];
}

const event = (
  tag: 'order_confirm' | 'order_cancel',
  order: Order,
  body: Record<string, unknown>,
): OutboxEvent => ({
  producerGroup: 'order_orderTopic_group',
  topic: 'orderTopic',
  tag,
  key: order.orderId,
  body: { orderId: order.orderId, userId: order.userId, ...body },
});
