// Faults of the order: of its saga, of its end, and of what may be done with it then.
import type { Mutation } from '../mutation';

const ORDER = 'actors/domain/order.ts';
const SAGA = 'actors/domain/order-saga.ts';

export const orderMutations: readonly Mutation[] = [
  {
    name: 'retry-with-another-key',
    breaks: 'promise 2: each attempt of a saga takes under a key of its own',
    file: SAGA,
    find: 'const { orderId, userId, couponId } = order;',
    replace: `const { userId, couponId } = order;
  const orderId = String(BigInt(order.orderId) + BigInt(order.attempts - 1) * 1_000_000n) as Order['orderId'];`,
  },
  {
    name: 'silence-taken-for-yes',
    breaks: 'promise 2: an order is confirmed although nobody knows whether a step was done',
    file: SAGA,
    find: "const failed = steps.filter((_, place) => answers[place]?.outcome !== 'ok');",
    replace: `const failed = steps.filter(
    ({ to }, place) => answers[place]?.outcome !== 'ok' && (to.kind === 'coupon' || answers[place]?.outcome !== 'fault'),
  );`,
  },
  {
    name: 'unreachable-taken-for-yes',
    breaks: 'promise 2: an order is confirmed although a step could not be asked for',
    file: SAGA,
    find: "const failed = steps.filter((_, place) => answers[place]?.outcome !== 'ok');",
    replace: `const failed = steps.filter(
    ({ to }, place) => answers[place]?.outcome !== 'ok' && (to.kind === 'coupon' || answers[place]?.outcome !== 'retry'),
  );`,
    unseen: 'no seed of 3,000 finds it; actors/domain/order.spec.ts always does',
  },
  {
    name: 'saga-concludes-twice',
    breaks: 'promise 6: late answers confirm an order that has ended',
    file: ORDER,
    find: 'return order.status === OrderStatus.unconfirmed && command.round === order.attempts',
    replace: 'return command.round === order.attempts',
    unseen:
      'an order would have to be called off in the tenth of a second before lost answers are told again',
  },
  {
    name: 'no-compensation-after-retries',
    breaks: 'promise 6: an order that ends after a retry gives nothing back',
    file: 'actors/domain/order-events.ts',
    find: "if (fact.type !== 'OrderEnded' && fact.type !== 'OrderRefunded') return [];",
    replace:
      "if ((fact.type !== 'OrderEnded' || order.attempts > 1) && fact.type !== 'OrderRefunded') return [];",
  },
  {
    name: 'refused-stock-not-given-back',
    breaks: 'promise 6: when one line is refused the other lines keep what they took',
    file: 'supervisors/handlers/order-cancel.ts',
    find: 'order.lines.map(({ goodsId }) => ({',
    replace: `order.lines.map(({ goodsId }) => order.failCode === 'SHOP_GOODS_NUM_NOT_ENOUGH' ? {
    key: lineKey(order.orderId, goodsId),
    run: () => Promise.resolve({ part: 'without-effect' } as const),
  } : ({`,
  },
  {
    name: 'half-way-orders-not-taken-up',
    breaks: 'promise 6: whoever takes a shard does not resume what it finds half-way',
    file: 'supervisors/timers.ts',
    find: 'await Promise.all(orders.map((order) => tryAgain(options, order)));',
    replace: '',
  },
  {
    name: 'cancelled-although-paid',
    breaks: 'R16: a paid order is cancelled and the money kept',
    file: ORDER,
    find: 'if (!isUnpaid(order) || order.shippingStatus !== ShippingStatus.notShipped) {',
    replace: 'if (order.shippingStatus !== ShippingStatus.notShipped) {',
  },
  {
    name: 'paid-although-cancelled',
    breaks: 'fault 12: a payment for a cancelled order is booked as if all were well',
    file: ORDER,
    find: "if (order.status !== OrderStatus.confirmed) return reject('SHOP_PAYMENT_PAY_ERROR');",
    replace: '',
  },
  {
    name: 'request-key-ignored',
    breaks: 'R15: a request that is sent again is another order',
    file: 'actors/front-door/place-order.ts',
    find: 'requestKey: body.requestKey,',
    replace: 'requestKey: undefined,',
  },
];
