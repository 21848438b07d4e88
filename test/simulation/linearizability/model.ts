// What an entity may answer if its commands come one after the other: written from the rules, not from the
// deciders, so that a fault in those cannot hide here as well.
import { ok, refused } from '../../../actors/domain/envelope';
import type { Verdict } from './operation';

/** An answer that may be given, and what is so from then on. Of the answer's data only what is named here counts. */
export interface Outcome<State> {
  readonly verdict: Verdict;
  readonly next: State;
}

export interface Model<State, Command extends { readonly type: string }> {
  readonly initial: State;
  /** What becomes of a command that is known by its ledger row: the same whenever it is repeated. */
  settle(state: State, command: Command): Outcome<State>;
  /** What a first attempt may be answered besides, its ledger row unseen (R8); it has no effect. */
  hasty(state: State, command: Command): Verdict | undefined;
  /** Commands with the same key have one effect, or none, between them; undefined if each has its own. */
  onceKey(command: Command): string | undefined;
  /** The same text for the same state, and for no other. */
  keyOf(state: State): string;
  /** The figures, for people. */
  describe(state: State): string;
}

export const yes = (data: object = {}): Verdict => ok(data) as Verdict;

export const no = (code: Extract<Verdict, { outcome: 'refused' }>['code'], invalid = false): Verdict =>
  refused(code, invalid) as Verdict;

/** Whether an answer is the one that the rules give. */
export function agrees(expected: Verdict, given: Verdict): boolean {
  if (expected.outcome === 'refused') {
    return given.outcome === 'refused' && given.code === expected.code && given.invalid === expected.invalid;
  }
  if (given.outcome !== 'ok') return false;
  const data = given.data as Readonly<Record<string, unknown>>;
  return Object.entries(expected.data as object).every(([name, value]) => data[name] === value);
}
