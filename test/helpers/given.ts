// given(facts).when(command).then(facts | code): a decider without any shell around it.
import type { Code } from '../../actors/domain/codes';
import type { Decider, Decision } from '../../actors/domain/decision';

/** @param recorded what the ledger holds under the command's key */
export function given<State, Command, Fact, Recorded>(
  decider: Decider<State, Command, Fact, Recorded>,
  state: State | undefined,
  recorded?: Recorded,
) {
  return {
    when(command: Command) {
      const decision: Decision<Fact, Command> = decider.decide(command, state, recorded);
      return {
        decision,
        thenFacts: (...facts: Fact[]) => {
          expect(decision).toMatchObject({ kind: 'accept', facts });
        },
        thenRefused: (code: Code, invalid = false) => {
          expect(decision).toMatchObject({ kind: 'reject', code, invalid });
        },
        thenUnchanged: () => {
          expect(decision.kind).toBe('unchanged');
        },
        /** The state after the facts of this decision. */
        state: (): State | undefined =>
          decision.kind === 'accept'
            ? decision.facts.reduce<State | undefined>((now, fact) => decider.evolve(now, fact), state)
            : state,
      };
    },
  };
}
