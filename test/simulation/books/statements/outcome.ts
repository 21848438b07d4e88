// The CTE `outcome` of the ledgers' statements: what became of each fact.

export interface Outcome {
  /** The place of the fact's entry in the batch. */
  readonly entry: number;
  readonly done: boolean;
  /** Done with another amount than the actor believes. */
  readonly differs?: boolean;
}

/** What a flush returns of its facts: those that went otherwise than believed. */
export const unexpected = (outcomes: readonly Outcome[]): readonly object[] =>
  outcomes
    .filter(({ done, differs = false }) => differs || !done)
    .map(({ entry, done }) => ({ id: null, entry, done }));

/** `entry in (select entry from outcome where done)` */
export function isDone(outcomes: readonly Outcome[]): (effect: number) => boolean {
  const done = new Set(outcomes.filter((outcome) => outcome.done).map(({ entry }) => entry));
  return (effect) => done.has(effect);
}
