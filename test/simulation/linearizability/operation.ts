// What one entity was asked and what it answered, as it was seen where the command arrived.
import type { Answer } from '../../../actors/domain/envelope';

export interface Operation<Command extends { readonly type: string }> {
  /** Step numbers of the run: what returned before another was invoked came before it. */
  readonly invokedAt: number;
  /** Undefined: no answer was seen. */
  readonly returnedAt: number | undefined;
  readonly command: Command;
  /** From 2 on a repeat: its ledger row is looked at first (R8). */
  readonly attempt: number;
  readonly answer: Answer | undefined;
}

/** An answer that says what was decided. */
export type Verdict = Extract<Answer, { outcome: 'ok' | 'refused' }>;

/** @returns undefined if it may have taken effect at any time since, or never */
export function verdictOf({ answer, returnedAt }: Operation<{ type: string }>): Verdict | undefined {
  if (returnedAt === undefined || answer === undefined) return undefined;
  return answer.outcome === 'ok' || answer.outcome === 'refused' ? answer : undefined;
}

/** Turned away before anything was decided: it has no effect, neither then nor later. */
export function isTurnedAway({ answer }: Operation<{ type: string }>): boolean {
  if (answer?.outcome !== 'retry') return false;
  return answer.reason === 'not-owner' || answer.reason === 'busy' || answer.reason === 'not-yet';
}
