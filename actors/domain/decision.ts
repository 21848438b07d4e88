// What a decider says. It is data: the shell in ../entity.ts acts on it.
import type { Code } from './codes';
import type { Address, Answer, Instant } from './envelope';

/** Something to be done once the decision is committed, and never before (promise 1). */
export type FollowUp<Command> =
  /** Ask other actors, all at once; when every answer is in, they come back as one command. */
  | {
      readonly then: 'gather';
      readonly asks: readonly Ask[];
      readonly attempt: number;
      readonly answerAs: (answers: readonly Answer[], at: Instant) => Command;
    }
  /** Send a command to this actor itself, after a while. */
  | { readonly then: 'later'; readonly afterMs: number; readonly command: (at: Instant) => Command };

export interface Ask {
  readonly to: Address;
  readonly command: { readonly type: string };
  /** The dedupe key: the same for every repeat. */
  readonly key: string;
}

export type Decision<Fact, Command> =
  /** New facts. Without an answer the sender waits until the entity has settled. */
  | {
      readonly kind: 'accept';
      readonly facts: readonly Fact[];
      readonly answer?: Answer;
      readonly followUps: readonly FollowUp<Command>[];
    }
  /** A repeat or a question: nothing new, the same answer again. */
  | { readonly kind: 'unchanged'; readonly answer: Answer; readonly followUps?: readonly FollowUp<Command>[] }
  /** The sender waits until the entity has settled. */
  | { readonly kind: 'park'; readonly followUps?: readonly FollowUp<Command>[] }
  /** A refusal: data with a code, never retried (promise 4). `invalid`: no later moment could have made it right. */
  | { readonly kind: 'reject'; readonly code: Code; readonly invalid: boolean; readonly data?: unknown }
  /** Not yet: send again later, no attempt is burnt. */
  | { readonly kind: 'wait' };

/** The pure half of an entity: what it decides and what it becomes. */
export interface Decider<State, Command, Fact, Recorded> {
  /** @param recorded what the ledger holds under this command's key, when it was loaded (R8) */
  decide(command: Command, state: State | undefined, recorded: Recorded | undefined): Decision<Fact, Command>;
  /** Never refuses: a fact has happened. */
  evolve(state: State | undefined, fact: Fact): State | undefined;
  /** The ledger key whose row must be loaded before this command is decided, if any. */
  recordKey(command: Command, attempt: number): string | undefined;
  /**
   * Whether the command begins an entity that hardly anybody can have begun before, so that it is not looked for. Should
   * it be there all the same, the commit is a conflict, and it is loaded then.
   */
  begins?(command: Command, attempt: number): boolean;
  /** The answer to those who wait for this entity to settle; undefined while it has not. */
  settled(state: State | undefined): Answer | undefined;
}

export const accept = <Fact, Command>(
  facts: readonly Fact[],
  answer?: Answer,
  followUps: readonly FollowUp<Command>[] = [],
): Decision<Fact, Command> => ({ kind: 'accept', facts, followUps, ...(answer ? { answer } : {}) });

export const unchanged = (answer: Answer): Decision<never, never> => ({ kind: 'unchanged', answer });

export const reject = (
  code: Code,
  options: { invalid?: boolean; data?: unknown } = {},
): Decision<never, never> => ({
  kind: 'reject',
  code,
  invalid: options.invalid ?? false,
  ...(options.data === undefined ? {} : { data: options.data }),
});

export const wait: Decision<never, never> = { kind: 'wait' };
