// Facts of orders and payments.
import fc, { type Arbitrary } from 'fast-check';
import { id } from '../../../actors/domain/ids';
import type { Money } from '../../../actors/domain/money';
import type { OrderFact } from '../../../actors/domain/order';
import { orderDecider } from '../../../actors/domain/order';
import type { Line } from '../../../actors/domain/order-state';
import type { PaymentFact, TransactionState } from '../../../actors/domain/payment';
import { classicOrder } from '../../helpers/orders';
import { amounts, moments, orderIds, payIds } from './facts';
import { momentAt, oneOf, some } from './pools';

const line = (goodsId: string, quantity: number, price: string): Line => ({
  goodsId: id<never>(goodsId),
  quantity,
  price: price as Money,
});

type Lines = readonly [Line, ...Line[]];

const LINES: readonly Lines[] = [
  [line('1', 2, '60.00')],
  [line('1', 1, '20.00'), line('2', 2, '50.00')],
  [line('10', 1, '20.00'), line('9', 2, '50.00')],
  // The database has CHECKs and ranges, and no goods twice.
  [line('1', 0, '60.00')],
  [line('1', 1, '100000000.00')],
  [line('1', 1, '20.00'), line('1', 2, '20.00')],
];

/** No two orders are due at the same moment, or their order would be anybody's guess. */
const dueTime = (orderId: string, turn: number): string =>
  momentAt(turn * 10 + (Number(orderId.slice(-1)) % 10));

export function placedFact(orderId: string): Arbitrary<OrderFact> {
  return fc
    .record({
      userId: oneOf('11', '12').map((text) => id<never>(text)),
      lines: some(...LINES, LINES[0]!, LINES[1]!, LINES[2]!),
      couponId: some(undefined, id<never>('21')),
      moneyPaid: amounts,
      requestKey: some(undefined, 'a:b "c" \\ {},', 'k'),
      address: some('郑州', 'a "b" {c}, \\d null'),
      turn: fc.nat({ max: 3 }),
      at: moments,
    })
    .map(({ lines, moneyPaid, turn, ...wish }) => {
      const command = classicOrder({
        ...wish,
        orderId: id<never>(orderId),
        expireTime: dueTime(orderId, turn),
      });
      const decision = orderDecider.decide(command, undefined, undefined);
      const [fact] = decision.kind === 'accept' ? decision.facts : [];
      if (fact?.type !== 'OrderPlaced') throw new Error('the classic order is refused');
      const nextAttemptTime = dueTime(orderId, turn + 1);
      return { ...fact, order: { ...fact.order, lines, moneyPaid, nextAttemptTime } };
    });
}

export const orderFact = (orderId: string): Arbitrary<OrderFact> =>
  fc.oneof(
    { weight: 6, arbitrary: placedFact(orderId) },
    ...[
      fc.nat({ max: 3 }).map((turn) => ({
        type: 'AttemptBegun' as const,
        attempts: turn,
        nextAttemptTime: dueTime(orderId, turn),
      })),
      fc.record({
        type: fc.constant('OrderConfirmed' as const),
        couponPaid: amounts,
        payAmount: amounts,
        at: moments,
      }),
      fc.record({
        type: fc.constant('OrderEnded' as const),
        status: some(2 as const, 3 as const),
        code: some('SHOP_GOODS_NUM_NOT_ENOUGH' as const, 'SHOP_ORDER_EXPIRED' as const),
      }),
      fc.record({ type: fc.constant('PaymentOpened' as const), payId: payIds }),
      fc.constant({ type: 'PaymentClosed' as const }),
      fc.record({ type: fc.constant('OrderPaid' as const), payId: payIds, at: moments }),
      fc.constant({ type: 'OrderRefunded' as const }),
      fc.constant({ type: 'OrderShipped' as const }),
      fc.record({ type: fc.constant('CompensationFinished' as const), failed: fc.boolean() }),
    ].map((arbitrary) => ({ weight: 1, arbitrary: arbitrary as Arbitrary<OrderFact> })),
  );

const transactionIds = oneOf('1001', '1002');
const states = some<TransactionState>('booked', 'refund due', 'requested', 'refunded', 'failed', 'mismatch');

export const paymentCreated = (payId: string): Arbitrary<PaymentFact> =>
  fc.record({ orderId: orderIds, amount: amounts, createTime: moments }).map((made) => ({
    type: 'PaymentCreated' as const,
    payment: {
      ...made,
      ...{ payId: id<never>(payId), isPaid: false, version: 1, provider: 'sandbox' },
      ...{ payTime: undefined, closedTime: undefined, transactions: [] },
    },
  }));

export const paymentFact = (payId: string): Arbitrary<PaymentFact> =>
  fc.oneof(
    { weight: 3, arbitrary: paymentCreated(payId) },
    ...[0, 1].map(() =>
      fc
        .record({ transactionId: transactionIds, amount: amounts, state: states, createTime: moments })
        .map((made) => ({
          type: 'TransactionRecorded' as const,
          transaction: { ...made, reason: made.state === 'booked' ? '' : 'why', refundTime: undefined },
        })),
    ),
    fc.record({ type: fc.constant('PaymentPaid' as const), at: moments }),
    fc.constant({ type: 'PaymentUnbooked' as const }),
    fc.record({ type: fc.constant('PaymentClosed' as const), at: moments }),
    fc.record({
      type: fc.constant('TransactionChanged' as const),
      transactionId: transactionIds,
      state: states,
      reason: oneOf('why', 'why not'),
      refundTime: moments,
    }),
  );
