// Orders are placed in one commit with all that they take, where every actor is on this node and is written over one
// connection. Of those who are elsewhere, or busy, the saga asks afterwards: its first commit then has the steps of the others.
// A refusal leaves the order to its saga, which asks everybody anew.
import {
  agreement,
  proposalOf,
  type JointCommitter,
  type JointStep,
  type Proposal,
} from '../actors/domain/joint';
import type { Answer, Envelope, Kind } from '../actors/domain/envelope';
import type { OrderCommand, OrderFact } from '../actors/domain/order';
import type { Order } from '../actors/domain/order-state';
import type { Clock } from '../actors/domain/ports/clock';
import type { Deliver } from '../actors/domain/ports/router';
import type { Settlement, StoreEntry } from '../actors/domain/ports/store';
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

type Agreement = Part & { readonly answer: Answer };

/** @returns how orders are given to this node's actors, and everything else as before */
export function createJointOrders({ regions, committer, clock, shards }: JointOrdersParts): Deliver {
  const warming = new Warming(clock);
  const toSaga: Deliver = (envelope, reply) => regions[envelope.kind].deliver(envelope, reply);

  const lend = (kind: Kind, id: string): Lent | undefined => regions[kind].lend(id, shardOf(id, shards));

  /** What each agrees to, in the places of `asks`; undefined in a place: to be asked later. Nothing at all: somebody refuses. */
  const partsOf = (
    { asks }: Proposal,
    { key, trace }: Envelope,
  ): readonly (Agreement | undefined)[] | undefined => {
    const parts: (Agreement | undefined)[] = [];
    for (const { to, command } of asks) {
      const { kind, id } = to;
      const lent = lend(kind, id);
      const decision = lent?.consider(command, committer);
      const agreed = decision && agreement(decision);
      if (decision && !agreed) return undefined;
      const envelope = { kind, id, shard: shardOf(id, shards), command, key, attempt: 1, trace };
      parts.push(lent && agreed && { lent, envelope, ...agreed });
    }
    return parts;
  };

  /** What can be committed now of the order and of those it asks. */
  const agreedOn = (
    proposal: Proposal,
    envelope: Envelope,
  ): { readonly order: Part; readonly parts: readonly Part[] } | undefined => {
    try {
      const order = lend(envelope.kind, envelope.id);
      const parts = order?.isUntouched ? partsOf(proposal, envelope) : undefined;
      if (!order || !parts?.some((part) => part !== undefined)) return undefined;
      const begun = proposal.begin(
        parts.map((part) => part?.answer),
        clock.now(),
      );
      return (
        begun && {
          order: { lent: order, envelope, ...begun },
          parts: parts.filter(isThere),
        }
      );
    } catch {
      // Whatever is wrong with it is the actor's to answer.
      return undefined;
    }
  };

  /** All in one turn: nothing can come between what is considered and what is staged. */
  const place = (proposal: Proposal, envelope: Envelope, reply: (answer: Answer) => void): void => {
    const agreed = agreedOn(proposal, envelope);
    if (!agreed) return toSaga(envelope, reply);
    const { order, parts } = agreed;
    const joining = new Joining(regions, committer);
    const steps = parts
      .filter((part) => part.facts.length > 0)
      .map((part) => ({ kind: part.envelope.kind, entry: joining.join(part) }) as JointStep);
    const entry = joining.join(order, reply) as StoreEntry<Order, OrderFact>;
    committer.stage({ ...entry, steps }, (settlement) => joining.settle(settlement, ofOrder(settlement)));
  };

  /** All who are asked and are here. */
  const present = ({ asks }: Proposal): readonly Lent[] =>
    asks.map(({ to }) => lend(to.kind, to.id)).filter(isThere);

  return (envelope, reply) => {
    const isOpen = !warming.isFull && committer.isOpen();
    const proposal = isOpen ? proposed(envelope) : undefined;
    if (!proposal) return toSaga(envelope, reply);
    if (!warming.warm(present(proposal), () => place(proposal, envelope, reply)))
      place(proposal, envelope, reply);
  };
}

const isThere = <Value>(value: Value | undefined): value is Value => value !== undefined;

/** Who gave a step may have been wrong about its figures; the order is in the books as it was staged. */
const ofOrder = (settlement: Settlement): Settlement =>
  settlement.settled === 'stale' ? { settled: 'applied' } : settlement;

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
