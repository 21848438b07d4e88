// Payments whose order, wallet and log are on this node, and are written over one connection, are booked in one commit with
// all that follows. Whatever stands in the way leaves it to the payment alone, and to the groups of its event.
import { isBooked, nextOfBooking, type Booking, type BookingStep } from '../actors/domain/booking';
import type { Ask } from '../actors/domain/decision';
import type { Answer, Envelope, Kind } from '../actors/domain/envelope';
import { isId } from '../actors/domain/ids';
import { agreement, type JointCommitter } from '../actors/domain/joint';
import type { Clock } from '../actors/domain/ports/clock';
import type { Deliver } from '../actors/domain/ports/router';
import type { StoreEntry } from '../actors/domain/ports/store';
import type { Payment, PaymentFact } from '../actors/domain/payment';
import { Joining, type Part } from './joint-part';
import { shardOf } from './shard';
import type { Lent, ShardRegion } from './shard-region';
import { Warming } from './warming';

export interface JointBookingsParts {
  readonly regions: Readonly<Record<Kind, ShardRegion>>;
  readonly committer: JointCommitter<Booking>;
  readonly clock: Clock;
  readonly shards: number;
}

type Agreed = Part & { readonly answer: Answer & { readonly outcome: 'ok' } };

/** Payment, order and wallet may each have to be loaded, one after the other: who is next is told by the one before. */
const MOST_LOADS = 3;

const NOBODY: readonly Lent[] = [];

/** @returns how what is for payments is given to this node's actors */
export function createJointBookings(parts: JointBookingsParts): Deliver {
  const { regions, committer, clock, shards } = parts;
  const warming = new Warming(clock);
  const toPayment: Deliver = (envelope, reply) => regions.payment.deliver(envelope, reply);

  const lend = (kind: Kind, id: string): Lent | undefined => regions[kind].lend(id, shardOf(id, shards));

  /** The order is told by the payment, and mostly by the notice too: then both are loaded at once. */
  const beside = (
    payment: Lent,
    { orderId }: { readonly type: string; readonly orderId?: unknown },
  ): readonly Lent[] => {
    const order = typeof orderId === 'string' && isId(orderId) ? lend('order', orderId) : undefined;
    return order ? [payment, order] : [payment];
  };

  /** Everybody, if all agree; or those who have to be loaded first; nobody, if it cannot be. */
  const gather = (
    envelope: Envelope,
  ): { readonly agreed: readonly Agreed[] } | { readonly load: readonly Lent[] } => {
    const agreed: Agreed[] = [];
    const at = clock.now();
    let ask: Ask | undefined = { to: envelope, command: envelope.command, key: envelope.key };
    while (ask) {
      const { to, command, key } = ask;
      const lent = lend(to.kind, to.id);
      const decision = lent?.consider(command, committer);
      if (lent && !decision && !lent.isKnown)
        return { load: agreed.length === 0 ? beside(lent, command) : [lent] };
      const said = decision && agreement(decision);
      if (!lent || said?.answer.outcome !== 'ok' || said.facts.length === 0) return { load: NOBODY };
      const { answer, facts } = said;
      if (agreed.length === 0 && !isBooked(facts as readonly { type: string }[])) return { load: NOBODY };
      const shard = shardOf(to.id, shards);
      const own = { kind: to.kind, id: to.id, shard, command, key, attempt: 1, trace: envelope.trace };
      agreed.push({ lent, envelope: agreed.length === 0 ? envelope : own, answer, facts });
      ask = nextOfBooking(
        agreed.map((part) => part.answer.data),
        at,
      );
    }
    return { agreed };
  };

  /** All in one turn: nothing can come between what is considered and what is staged. */
  const stage = ([own, ...others]: readonly Part[], reply: (answer: Answer) => void): void => {
    if (!own) return;
    const joining = new Joining(regions, committer);
    const steps = others.map((part) => ({ kind: part.envelope.kind, entry: joining.join(part) }));
    const entry = joining.join(own, reply) as StoreEntry<Payment, PaymentFact>;
    committer.stage({ ...entry, steps: steps as BookingStep[] }, (settlement) => joining.settle(settlement));
  };

  const book = (envelope: Envelope, reply: (answer: Answer) => void, loads: number): void => {
    let found: ReturnType<typeof gather>;
    try {
      found = gather(envelope);
    } catch {
      // Whatever is wrong with it is the actor's to answer.
      return toPayment(envelope, reply);
    }
    if ('agreed' in found) return stage(found.agreed, reply);
    const isLoading = loads < MOST_LOADS && warming.warm(found.load, () => book(envelope, reply, loads + 1));
    if (!isLoading) toPayment(envelope, reply);
  };

  return (envelope, reply) => {
    const { command, attempt, inbox } = envelope;
    // What comes again may be in the books.
    const isFirst = command.type === 'RecordNotice' && attempt === 1 && !inbox;
    if (isFirst && !warming.isFull && committer.isOpen()) book(envelope, reply, 0);
    else toPayment(envelope, reply);
  };
}
