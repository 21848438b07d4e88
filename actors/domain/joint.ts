// An order and all that it takes, in one commit: where every actor that it needs is at hand and says yes, the saga's
// steps need no commits of their own, and there is nothing half-way to be found or given back.
import type { Coupon, CouponFact } from './coupon';
import type { Ask, Decision } from './decision';
import type { Answer, Instant, Kind } from './envelope';
import type { Goods, GoodsFact } from './goods';
import { orderDecider, type OrderCommand, type OrderFact } from './order';
import type { Order } from './order-state';
import type { Fate, Settlement, StoreEntry } from './ports';
import type { Wallet, WalletFact } from './wallet';

/** The kinds that the commit of an order writes. */
export const JOINT_KINDS: readonly [Kind, ...Kind[]] = ['order', 'goods', 'wallet', 'coupon'];

/** What one of those that an order needs adds to its commit. */
export type JointStep =
  | { readonly kind: 'goods'; readonly entry: StoreEntry<Goods, GoodsFact> }
  | { readonly kind: 'wallet'; readonly entry: StoreEntry<Wallet, WalletFact> }
  | { readonly kind: 'coupon'; readonly entry: StoreEntry<Coupon, CouponFact> };

/** A new order with the steps that it took. */
export interface Joint extends StoreEntry<Order, OrderFact> {
  readonly steps: readonly JointStep[];
}

/** An entity that is written with others, its steps, in one commit: an order that is placed, or a payment that is booked. */
export interface Joined {
  readonly id: string;
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
  /** @returns the order's facts if everybody has answered as asked; undefined: it is for the saga to judge */
  conclude(answers: readonly Answer[], at: Instant): readonly OrderFact[] | undefined;
}

/** @returns undefined if the command does not make an order that asks others */
export function proposalOf(command: OrderCommand): Proposal | undefined {
  const placed = orderDecider.decide(command, undefined, undefined);
  if (placed.kind !== 'accept') return undefined;
  const [gather] = placed.followUps;
  if (gather?.then !== 'gather') return undefined;
  return {
    asks: gather.asks,
    conclude(answers, at) {
      const order = placed.facts.reduce<Order | undefined>(
        (state, fact) => orderDecider.evolve(state, fact),
        undefined,
      );
      const concluded = orderDecider.decide(gather.answerAs(answers, at), order, undefined);
      return concluded.kind === 'accept' ? [...placed.facts, ...concluded.facts] : undefined;
    },
  };
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
