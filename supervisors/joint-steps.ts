// What orders ask of goods, wallets and coupons that are not on their node is written by the joint commits of the orders here:
// one flush for all these kinds. Whatever stands in the way leaves it to the actor alone.
import type { Answer, Envelope, Kind } from '../actors/domain/envelope';
import { agreement, askedStep, type JointCommitter, type JointStep } from '../actors/domain/joint';
import type { Clock } from '../actors/domain/ports/clock';
import type { Deliver } from '../actors/domain/ports/router';
import { Joining, type Part } from './joint-part';
import type { Lent, ShardRegion } from './shard-region';
import { Warming } from './warming';

export interface JointStepsParts {
  readonly regions: Readonly<Record<Kind, ShardRegion>>;
  readonly committer: JointCommitter;
  readonly clock: Clock;
}

/** What the joint commit of an order knows to write of others. */
const STEPS: ReadonlySet<string> = new Set(['TakeStock', 'TakeMoney', 'UseCoupon']);

/** @returns how what is for goods, wallets and coupons is given to this node's actors */
export function createJointSteps({ regions, committer, clock }: JointStepsParts): Deliver {
  const warming = new Warming(clock);
  const toActor: Deliver = (envelope, reply) => regions[envelope.kind].deliver(envelope, reply);

  /** What it would take; undefined if it refuses, has to be asked otherwise, or has nothing to take. */
  const agreedTo = (lent: Lent, envelope: Envelope): Part | undefined => {
    try {
      const decision = lent.consider(envelope.command, committer);
      const agreed = decision && agreement(decision);
      return agreed && agreed.facts.length > 0 ? { lent, envelope, ...agreed } : undefined;
    } catch {
      // Whatever is wrong with it is the actor's to answer.
      return undefined;
    }
  };

  /** All in one turn: nothing can come between what is considered and what is staged. */
  const take = (lent: Lent, envelope: Envelope, reply: (answer: Answer) => void): void => {
    const part = agreedTo(lent, envelope);
    if (!part) return toActor(envelope, reply);
    const joining = new Joining(regions, committer);
    const step = { kind: envelope.kind, entry: joining.join(part, reply) } as JointStep;
    committer.stage(askedStep(step), (settlement) => joining.settle(settlement));
  };

  return (envelope, reply) => {
    const { kind, id, shard, command, attempt, inbox } = envelope;
    // What comes again may be in the ledger, and what comes from an event carries its consumption.
    const isFirst = STEPS.has(command.type) && attempt === 1 && !inbox;
    const lend = (): Lent | undefined => regions[kind].lend(id, shard);
    const lent = isFirst && !warming.isFull && committer.isOpen() ? lend() : undefined;
    if (!lent) return toActor(envelope, reply);
    // Its shard may be lost while it is loaded, and then it is nobody's actor any more.
    const afterLoad = (): void => {
      const still = lend();
      if (still) take(still, envelope, reply);
      else toActor(envelope, reply);
    };
    if (!warming.warm([lent], afterLoad)) take(lent, envelope, reply);
  };
}
