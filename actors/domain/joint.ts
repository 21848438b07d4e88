// An order and all that it takes, in one commit: where every actor that it needs is at hand and says yes, the saga's
// steps need no commits of their own, and there is nothing half-way to be found or given back. Where some are elsewhere, the
// commits on both sides have what is at hand.
import type { Coupon, CouponFact } from './coupon';
import type { Ask, Decision, FollowUp } from './decision';
import type { Answer, Instant, Kind } from './envelope';
import type { Goods, GoodsFact } from './goods';
import { orderDecider, type OrderCommand, type OrderFact } from './order';
import type { Order } from './order-state';
import type { Fate, Settlement, StoreEntry } from './ports/store';
import type { Wallet, WalletFact } from './wallet';

/** The kinds that the commit of an order that is placed writes. */
export const PLACING_KINDS: readonly [Kind, ...Kind[]] = ['order', 'goods', 'wallet', 'coupon'];

/** What one of those that an order needs adds to its commit. */
export type JointStep =
  | { readonly kind: 'goods'; readonly entry: StoreEntry<Goods, GoodsFact> }
  | { readonly kind: 'wallet'; readonly entry: StoreEntry<Wallet, WalletFact> }
  | { readonly kind: 'coupon'; readonly entry: StoreEntry<Coupon, CouponFact> };

/** A new order with the steps that it took; or, without facts, one elsewhere with a step that it asks here. */
export interface Joint extends StoreEntry<Order, OrderFact> {
  readonly steps: readonly JointStep[];
}

/** Whether nothing is written but the steps. */
export const isElsewhere = ({ facts }: Pick<Joined, 'facts'>): boolean => facts.length === 0;

/** A step of an order that is elsewhere. @throws Error if it is of no order */
export function askedStep(step: JointStep): Joint {
  const [fact] = step.entry.facts;
  if (!fact || !('orderId' in fact)) throw new Error(`no order asks for ${fact?.type}`);
  return { id: fact.orderId, facts: [], before: undefined, after: undefined, steps: [step] };
}

/** An entity that is written with others, its steps, in one commit: an order that is placed, or a payment that is booked. */
export interface Joined {
  readonly id: string;
  readonly facts: readonly unknown[];
  readonly steps: readonly { readonly kind: Kind; readonly entry: { readonly id: string } }[];
}

export interface JointStore<Whole extends Joined = Joint> {
  /**
   * Writes all in one statement: of each it and its steps, or nothing. `conflict`: it is there already.
   * @throws the database's refusal, if a step cannot be taken; then nothing at all is written
   */
  write(joints: readonly Whole[]): Promise<readonly Fate[]>;
}

/** The group commit of such. */
export interface JointCommitter<Whole extends Joined = Joint> {
  /** Calls back once the flush that holds it has ended, in the order of staging. */
  stage(joint: Whole, done: (settlement: Settlement) => void): void;
  /** Whether it is to be used now: not for a while after something was in its way. */
  isOpen(): boolean;
}

/** A new order that is about to ask others. */
export interface Proposal {
  readonly asks: readonly Ask[];
  /**
   * What the order commits together with the steps that were agreed to.
   * @param answers in the places of `asks`; undefined: not asked yet
   * @returns the order as it ends if everybody has agreed; else as its saga begins, which asks the others once that is
   *   committed; undefined: it is for the saga to judge
   */
  begin(answers: readonly (Answer | undefined)[], at: Instant): Beginning | undefined;
}

/** What an order commits first, and what is to be done once that is committed. */
export interface Beginning {
  readonly facts: readonly OrderFact[];
  readonly followUps: readonly FollowUp<OrderCommand>[];
}

/** @returns undefined if the command does not make an order that asks others */
export function proposalOf(command: OrderCommand): Proposal | undefined {
  const placed = orderDecider.decide(command, undefined, undefined);
  if (placed.kind !== 'accept') return undefined;
  const [gather] = placed.followUps;
  if (gather?.then !== 'gather') return undefined;
  const { asks, answerAs } = gather;
  const conclude = (answers: readonly Answer[], at: Instant): Beginning | undefined => {
    const order = placed.facts.reduce<Order | undefined>(
      (state, fact) => orderDecider.evolve(state, fact),
      undefined,
    );
    const concluded = orderDecider.decide(answerAs(answers, at), order, undefined);
    if (concluded.kind !== 'accept') return undefined;
    return { facts: [...placed.facts, ...concluded.facts], followUps: [] };
  };
  return {
    asks,
    begin(answers, at) {
      if (isComplete(answers)) return conclude(answers, at);
      const gatherRest: FollowUp<OrderCommand> = {
        ...gather,
        asks: asks.filter((_ask, place) => !answers[place]),
        answerAs: (late, then) => answerAs(filled(answers, late), then),
      };
      return { facts: placed.facts, followUps: [gatherRest] };
    },
  };
}

const isComplete = (answers: readonly (Answer | undefined)[]): answers is readonly Answer[] =>
  answers.every((answer) => answer !== undefined);

/** The late answers in the places of those that were not there, one after the other. */
function filled(answers: readonly (Answer | undefined)[], late: readonly Answer[]): readonly Answer[] {
  const others = late[Symbol.iterator]();
  return answers.map((answer) => answer ?? (others.next().value as Answer));
}

/** What somebody who was asked agreed to; undefined: it refused, or it would do more than that. */
export function agreement<Fact>(
  decision: Decision<Fact, unknown>,
): { readonly answer: Answer; readonly facts: readonly Fact[] } | undefined {
  if (decision.kind !== 'accept' && decision.kind !== 'unchanged') return undefined;
  const { answer, followUps = [] } = decision;
  if (answer?.outcome !== 'ok' || followUps.length > 0) return undefined;
  return { answer, facts: decision.kind === 'accept' ? decision.facts : [] };
}
