// Orders that are placed and payments that are booked with their steps, as a joint commit writes them, and as none ever would.
import fc, { type Arbitrary } from 'fast-check';
import type { Kind } from '../../../actors/domain/envelope';
import type { JointStep } from '../../../actors/domain/joint';
import type { OrderFact } from '../../../actors/domain/order';
import { amounts, couponUsed, moments, moneyTaken, quantities, stockTaken } from './facts';
import { IDS, some } from './pools';
import type { Belief } from './steps';
import { placedFact } from './versioned-facts';

export interface StepPlan {
  readonly kind: Kind;
  readonly id: string;
  readonly belief: Belief;
  readonly facts: readonly unknown[];
}

/** An entity that is written with its steps. */
export interface JointPlan extends StepPlan {
  readonly steps: readonly StepPlan[];
}

/** There are several in each, and one that is not as believed has all of it refused. */
const beliefs: Arbitrary<Belief> = fc.oneof(
  { weight: 15, arbitrary: fc.constant('held' as const) },
  { weight: 1, arbitrary: some<Belief>('old', 'wrong', 'nothing') },
);

const TAKES = { goods: stockTaken, wallet: moneyTaken, coupon: couponUsed };

const stepPlan = (kind: JointStep['kind'], orderId: string): Arbitrary<StepPlan> =>
  fc.record({
    kind: fc.constant(kind),
    id: fc.constantFrom<string>(...IDS[kind]),
    belief: beliefs,
    facts: TAKES[kind].map((fact) => [{ ...fact, orderId }]),
  });

const isOnePerEntity = (steps: readonly StepPlan[]): boolean =>
  new Set(steps.map(({ kind, id }) => `${kind} ${id}`)).size === steps.length;

const stepPlans = (orderId: string): Arbitrary<readonly StepPlan[]> =>
  fc
    .tuple(
      fc.array(stepPlan('goods', orderId), { maxLength: 2 }),
      fc.array(stepPlan('wallet', orderId), { maxLength: 1 }),
      fc.array(stepPlan('coupon', orderId), { maxLength: 1 }),
    )
    .map((steps) => steps.flat())
    .filter(isOnePerEntity);

const conclusions: Arbitrary<readonly OrderFact[]> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc
      .record({ couponPaid: amounts, payAmount: amounts, at: moments })
      .map((made) => [{ type: 'OrderConfirmed' as const, ...made }]),
  },
  {
    weight: 1,
    arbitrary: fc.constant([
      { type: 'OrderEnded' as const, status: 2 as const, code: 'SHOP_MONEY_PAID_INVALID' as const },
    ]),
  },
  { weight: 1, arbitrary: fc.constant([]) },
);

const placedFacts = (orderId: string): Arbitrary<readonly OrderFact[]> =>
  fc.tuple(placedFact(orderId), conclusions).map(([placed, concluded]) => [placed, ...concluded]);

/** Only its steps are written here. */
const ELSEWHERE = fc.constant<readonly OrderFact[]>([]);

/** Several at once, each order once. */
export const orderPlans: Arbitrary<readonly JointPlan[]> = fc
  .uniqueArray(fc.constantFrom<string>(...IDS.order), { minLength: 1, maxLength: 3 })
  .chain((orderIds) =>
    fc.tuple(
      ...orderIds.map((orderId) =>
        fc.record({
          kind: fc.constant('order' as const),
          id: fc.constant(orderId),
          belief: fc.constant('nothing' as const),
          facts: fc.oneof({ weight: 4, arbitrary: placedFacts(orderId) }, ELSEWHERE),
          steps: stepPlans(orderId),
        }),
      ),
    ),
  );

const bookingPlan = (payId: string): Arbitrary<JointPlan> =>
  fc
    .record({
      belief: beliefs,
      orderId: fc.constantFrom<string>(...IDS.order),
      ofOrder: beliefs,
      userId: fc.constantFrom<string>(...IDS.wallet),
      ofUser: beliefs,
      transactionId: some('1001', '1002', '1003'),
      amount: amounts,
      points: quantities,
      at: moments,
    })
    .map(({ belief, orderId, ofOrder, userId, ofUser, transactionId, amount, points, at }) => {
      const transaction = { transactionId, amount, state: 'booked', reason: '', createTime: at };
      return {
        kind: 'payment',
        id: payId,
        belief,
        facts: [
          { type: 'TransactionRecorded', transaction: { ...transaction, refundTime: undefined } },
          { type: 'PaymentPaid', at },
        ],
        steps: [
          { kind: 'order', id: orderId, belief: ofOrder, facts: [{ type: 'OrderPaid', payId, at }] },
          { kind: 'wallet', id: userId, belief: ofUser, facts: [{ type: 'PointsAdded', payId, points }] },
          {
            kind: 'pay-log',
            id: payId,
            belief: 'nothing',
            facts: [{ type: 'PayLogged', payId, orderId, amount }],
          },
        ],
      };
    });

/** Several at once, each payment and each order once. */
export const bookingPlans: Arbitrary<readonly JointPlan[]> = fc
  .uniqueArray(fc.constantFrom<string>(...IDS.payment), { minLength: 1, maxLength: 2 })
  .chain((payIds) => fc.tuple(...payIds.map(bookingPlan)))
  .filter((plans) => new Set(plans.map(({ steps }) => steps[0]?.id)).size === plans.length);
