// Orders whose every actor is on this node, and writes over one connection, are placed in one commit with all that they
// take. Whatever stands in the way of that, a refusal too, leaves the order to its saga, which asks everybody anew.
import {
  agreement,
  proposalOf,
  type Joint,
  type JointCommitter,
  type JointStep,
  type Proposal,
} from '../actors/domain/joint';
import type { Answer, Envelope, Kind } from '../actors/domain/envelope';
import type { OrderCommand } from '../actors/domain/order';
import type { Clock, Deliver } from '../actors/domain/ports';
import { Joining, type Part } from './joint-part';
import { shardOf } from './shard';
import type { Lent, ShardRegion } from './shard-region';
import { Warming } from './warming';

export interface JointOrdersParts {
  readonly regions: Readonly<Record<Kind, ShardRegion>>;
  readonly committer: JointCommitter;
  readonly clock: Clock;
  readonly shards: number;
}

type Agreed = Part & { readonly answer: Answer };

/** @returns how orders are given to this node's actors, and everything else as before */
export function createJointOrders({ regions, committer, clock, shards }: JointOrdersParts): Deliver {
  const warming = new Warming(clock);
  const toSaga: Deliver = (envelope, reply) => regions[envelope.kind].deliver(envelope, reply);

  const lend = (kind: Kind, id: string): Lent | undefined => regions[kind].lend(id, shardOf(id, shards));

  /** Everybody who is asked, if all are here and their states are known. */
  const partsOf = ({ asks }: Proposal, { key, trace }: Envelope): readonly Agreed[] | undefined => {
    const parts: Agreed[] = [];
    for (const { to, command } of asks) {
      const { kind, id } = to;
      const shard = shardOf(id, shards);
      const lent = regions[kind].lend(id, shard);
      const decision = lent?.consider(command, committer);
      const agreed = decision && agreement(decision);
      if (!lent || !agreed) return undefined;
      const { answer, facts } = agreed;
      parts.push({ lent, envelope: { kind, id, shard, command, key, attempt: 1, trace }, answer, facts });
    }
    return parts;
  };

  /** What the order comes to if everybody agrees. */
  const agreedOn = (
    proposal: Proposal,
    envelope: Envelope,
  ): { order: Lent; parts: readonly Agreed[]; facts: readonly unknown[] } | undefined => {
    try {
      const order = lend(envelope.kind, envelope.id);
      const parts = order?.isUntouched ? partsOf(proposal, envelope) : undefined;
      if (!order || !parts) return undefined;
      const answers = parts.map(({ answer }) => answer);
      const facts = proposal.conclude(answers, clock.now());
      return facts && { order, parts, facts };
    } catch {
      // Whatever is wrong with it is the actor's to answer.
      return undefined;
    }
  };

  /** All in one turn: nothing can come between what is considered and what is staged. */
  const place = (proposal: Proposal, envelope: Envelope, reply: (answer: Answer) => void): void => {
    const agreed = agreedOn(proposal, envelope);
    if (!agreed) return toSaga(envelope, reply);
    const { order, parts, facts } = agreed;
    const joining = new Joining(regions, committer);
    const steps = parts
      .filter((part) => part.facts.length > 0)
      .map((part) => ({ kind: part.envelope.kind, entry: joining.join(part) }) as JointStep);
    const { id, before, after } = joining.join({ lent: order, envelope, answer: undefined, facts }, reply);
    committer.stage({ id, facts, before, after, steps } as Joint, (settlement) => joining.settle(settlement));
  };

  /** All who are asked; undefined if some are elsewhere: then there is no use in loading the others. */
  const everybody = ({ asks }: Proposal): readonly Lent[] | undefined => {
    const lents: Lent[] = [];
    for (const { to } of asks) {
      const lent = lend(to.kind, to.id);
      if (!lent) return undefined;
      lents.push(lent);
    }
    return lents;
  };

  return (envelope, reply) => {
    const isOpen = !warming.isFull && committer.isOpen();
    const proposal = isOpen ? proposed(envelope) : undefined;
    const lents = proposal && everybody(proposal);
    if (!proposal || !lents) return toSaga(envelope, reply);
    if (!warming.warm(lents, () => place(proposal, envelope, reply))) place(proposal, envelope, reply);
  };
}

/** What comes again may be in the books, and what comes from an event carries its consumption. */
function proposed({ command, attempt, inbox }: Envelope): Proposal | undefined {
  if (command.type !== 'PlaceOrder' || attempt !== 1 || inbox) return undefined;
  try {
    return proposalOf(command as OrderCommand);
  } catch {
    // Whatever is wrong with it is the actor's to answer.
    return undefined;
  }
}
