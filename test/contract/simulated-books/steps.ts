// A run is a list of steps: batches of entries, as a group commit forms them, and what consumers, relay, operators and
// timers ask of the database.
import fc, { type Arbitrary } from 'fast-check';
import type { InboxClaim, Kind } from '../../../actors/domain/envelope';
import { couponFact, couponUsed, goodsFact, moneyTaken, payLogFact, stockTaken, walletFact } from './facts';
import { bookingPlans, orderPlans, type JointPlan } from './joint-plans';
import { messageCalls, type MessageCall } from './message-calls';
import { claims, IDS, some } from './pools';
import { orderFact, paymentCreated, paymentFact, placedFact } from './versioned-facts';

/** What the actor believes: what is held, what was held before, something else, or that there is nothing. */
export type Belief = 'held' | 'old' | 'wrong' | 'nothing';

export interface EntryPlan {
  readonly id: string;
  readonly belief: Belief;
  readonly facts: readonly unknown[];
  readonly inbox: InboxClaim | undefined;
}

export interface WriteStep {
  readonly step: 'write';
  readonly kind: Kind;
  readonly entries: readonly EntryPlan[];
}

/** Writes the batch of an earlier step once more, as it was then. */
export interface RepeatStep {
  readonly step: 'repeat';
  /** How many writes ago it was. */
  readonly ago: number;
}

export interface MessageStep {
  readonly step: 'message';
  readonly call: MessageCall;
}

export interface JointWriteStep {
  readonly step: 'joint' | 'booking';
  readonly plans: readonly JointPlan[];
}

export type Step = WriteStep | JointWriteStep | RepeatStep | MessageStep;

const FACTS: Readonly<Record<Kind, (id: string) => Arbitrary<unknown>>> = {
  order: orderFact,
  payment: paymentFact,
  goods: goodsFact,
  coupon: couponFact,
  wallet: walletFact,
  'pay-log': payLogFact,
};

const entryPlan = (
  kind: Kind,
  factsOf: (id: string) => Arbitrary<unknown>,
  inbox: Arbitrary<InboxClaim | undefined>,
): Arbitrary<EntryPlan> =>
  fc.constantFrom<string>(...IDS[kind]).chain((id) =>
    fc.record({
      id: fc.constant(id),
      belief: some<Belief>('held', 'held', 'held', 'held', 'old', 'old', 'wrong', 'nothing'),
      facts: fc.oneof(
        { weight: 4, arbitrary: fc.array(factsOf(id), { minLength: 1, maxLength: 1 }) },
        { weight: 1, arbitrary: fc.array(factsOf(id), { maxLength: 3 }) },
      ),
      inbox,
    }),
  );

const writeStep = (kind: Kind, entry: Arbitrary<EntryPlan>): Arbitrary<WriteStep> =>
  fc.record({
    step: fc.constant('write' as const),
    kind: fc.constant(kind),
    entries: fc.array(entry, { minLength: 1, maxLength: 5 }),
  });

const maybeClaims = fc.option(claims, { nil: undefined, freq: 3 });

const writesOf = (kind: Kind): Arbitrary<WriteStep> =>
  writeStep(kind, entryPlan(kind, FACTS[kind], maybeClaims));

const writeSteps = (Object.keys(FACTS) as Kind[]).map(writesOf);

/** They have statements of their own, if they are all that a batch holds. */
const TAKES = { goods: stockTaken, coupon: couponUsed, wallet: moneyTaken };

const takeSteps = (Object.keys(TAKES) as (keyof typeof TAKES)[]).map((kind) =>
  writeStep(
    kind,
    entryPlan(kind, () => TAKES[kind], fc.constant(undefined)),
  ),
);

const repeatStep: Arbitrary<RepeatStep> = fc.record({
  step: fc.constant('repeat' as const),
  ago: fc.nat({ max: 9 }),
});

const messageStep = fc.record({ step: fc.constant('message' as const), call: messageCalls });

const jointStep: Arbitrary<JointWriteStep> = fc.record({
  step: fc.constant('joint' as const),
  plans: orderPlans,
});

const bookingStep: Arbitrary<JointWriteStep> = fc.record({
  step: fc.constant('booking' as const),
  plans: bookingPlans,
});

const stepsOf = (writes: readonly Arbitrary<WriteStep | JointWriteStep>[]): Arbitrary<readonly Step[]> =>
  fc.array(
    fc.oneof(
      { weight: 3, arbitrary: fc.oneof(...writes) },
      { weight: 1, arbitrary: repeatStep },
      { weight: 2, arbitrary: messageStep },
    ),
    { minLength: 1, maxLength: 40, size: 'max' },
  );

const begun = (kind: Kind, factOf: (id: string) => Arbitrary<unknown>): Arbitrary<Step> =>
  fc
    .tuple(
      ...IDS[kind].map((id) =>
        factOf(id).map((fact): EntryPlan => ({ id, belief: 'nothing', facts: [fact], inbox: undefined })),
      ),
    )
    .map((entries) => ({ step: 'write', kind, entries }));

/** Orders and payments are there from the beginning, for payments to be booked. */
const bookingRuns: Arbitrary<readonly Step[]> = fc
  .tuple(
    begun('order', placedFact),
    begun('payment', paymentCreated),
    stepsOf([bookingStep, bookingStep, bookingStep, writesOf('payment'), writesOf('wallet')]),
  )
  .map(([orders, payments, steps]) => [orders, payments, ...steps]);

/** Of all kinds, for what they have in common; or of one, so that its few entities go through much. */
export const runs: Arbitrary<readonly Step[]> = fc.oneof(
  stepsOf([...writeSteps, ...takeSteps, jointStep, bookingStep]),
  stepsOf([jointStep, jointStep, ...takeSteps]),
  { weight: 3, arbitrary: bookingRuns },
  ...writeSteps.map((writes) => stepsOf([writes])),
);
