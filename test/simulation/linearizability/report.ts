// Says in words which answer of an entity cannot be true, and what had been asked by then.
import type { Model } from './model';
import { verdictOf, type Operation } from './operation';
import { search } from './search';

/** The figures are many only if little is known; a few of them tell as much. */
const MOST_FIGURES = 5;

/**
 * Checks the history of one entity.
 * @param mostVisits how many places of the search to look at before it gives up; what is undecided is reported too
 * @returns undefined if some order of the operations explains every answer, else the shortest prefix that none does
 */
export function findInexplicable<State, Command extends { readonly type: string }>(
  model: Model<State, Command>,
  history: readonly Operation<Command>[],
  mostVisits?: number,
): string | undefined {
  const found = search(model, history, mostVisits);
  if (!found) return undefined;
  const last = history[found.place] as Operation<Command>;
  const end = last.returnedAt ?? Number.POSITIVE_INFINITY;
  const prefix = history
    .filter(({ invokedAt }) => invokedAt <= end)
    .toSorted((left, right) => left.invokedAt - right.invokedAt);
  const headline = found.isUndecided
    ? `too many orders to try: undecided at step ${end}`
    : `no order explains the answer at step ${end}`;
  return [
    `${headline}: ${textOf(last)}`,
    `when it was due: ${found.figures.slice(0, MOST_FIGURES).join(' | ')}`,
    `begun with: ${model.describe(model.initial)}; then`,
    ...prefix.map((operation) => `${operation === last ? '>' : ' '} ${textOf(operation, end)}`),
  ].join('\n');
}

/** @param end what came after this step is left out */
function textOf(operation: Operation<{ type: string }>, end = Number.POSITIVE_INFINITY): string {
  const { invokedAt, returnedAt, command, attempt, answer } = operation;
  const { type, ...content } = command;
  const isOver = returnedAt !== undefined && returnedAt <= end;
  const asked = `[${invokedAt}..${isOver ? returnedAt : ''}] ${type} ${JSON.stringify(content)} attempt ${attempt}`;
  if (!isOver || answer === undefined) return `${asked}: no answer yet`;
  return `${asked}: ${JSON.stringify(answer)}${verdictOf(operation) ? '' : ' (done or not)'}`;
}
