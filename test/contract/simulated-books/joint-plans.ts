// Orders that are placed with their steps, as a joint commit writes them, and as none ever would.
import fc, { type Arbitrary } from 'fast-check';
import type { JointStep } from '../../../actors/domain/joint';
import type { OrderFact } from '../../../actors/domain/order';
import { amounts, couponUsed, moments, moneyTaken, stockTaken } from './facts';
import { IDS, some } from './pools';
import type { Belief } from './steps';
import { placedFact } from './versioned-facts';

export interface StepPlan {
  readonly kind: JointStep['kind'];
  readonly id: string;
  readonly belief: Belief;
  readonly facts: readonly unknown[];
}

export interface JointPlan {
  readonly orderId: string;
  readonly facts: readonly OrderFact[];
  readonly steps: readonly StepPlan[];
}

const TAKES = { goods: stockTaken, wallet: moneyTaken, coupon: couponUsed };

const stepPlan = (kind: JointStep['kind'], orderId: string): Arbitrary<StepPlan> =>
  fc.record({
    kind: fc.constant(kind),
    id: fc.constantFrom<string>(...IDS[kind]),
    belief: some<Belief>('held', 'held', 'held', 'held', 'held', 'old', 'wrong', 'nothing'),
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

/** Several at once, each order once. */
export const jointPlans: Arbitrary<readonly JointPlan[]> = fc
  .uniqueArray(fc.constantFrom<string>(...IDS.order), { minLength: 1, maxLength: 3 })
  .chain((orderIds) =>
    fc.tuple(
      ...orderIds.map((orderId) =>
        fc.record({
          orderId: fc.constant(orderId),
          facts: fc
            .tuple(placedFact(orderId), conclusions)
            .map(([placed, concluded]): readonly OrderFact[] => [placed, ...concluded]),
          steps: stepPlans(orderId),
        }),
      ),
    ),
  );
