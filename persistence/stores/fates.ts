// What became of each entry of a flush, told from what its statement returned (R3).
import type { Fate, StoreEntry } from '../../actors/domain/ports/store';

/**
 * A row that a flush returns: either what the database now holds of an entity (`id` and figures), or a fact of
 * the entry at this place that went otherwise than believed: not `done`, or done with another amount.
 * What went as believed is not returned.
 */
export interface FlushRow {
  readonly id: string | null;
  readonly entry: number | null;
  readonly done: boolean | null;
}

/** @param agrees whether a row of figures is what the actor believes after its last entry of the batch */
export function fatesOf<State, Row extends FlushRow>(
  entries: readonly StoreEntry<State, unknown>[],
  rows: readonly Row[],
  agrees: (row: Row, after: State) => boolean,
): Fate[] {
  const held = new Map<string, Row>();
  const undone = new Map<number, number>();
  const differing = new Set<number>();
  for (const row of rows) {
    if (row.id !== null) held.set(row.id, row);
    else if (row.entry !== null && row.done === true) differing.add(row.entry);
    else if (row.entry !== null) undone.set(row.entry, (undone.get(row.entry) ?? 0) + 1);
  }
  const believed = new Map<string, State | undefined>();
  for (const entry of entries) believed.set(entry.id, entry.after);

  const isAsBelieved = (id: string): boolean => {
    const row = held.get(id);
    const after = believed.get(id);
    if (row === undefined || after === undefined) return row === after;
    return agrees(row, after);
  };

  return entries.map(({ id, facts }, place): Fate => {
    if (facts.length === 0) return 'applied';
    const missing = undone.get(place) ?? 0;
    if (missing === facts.length) return 'conflict';
    return missing > 0 || differing.has(place) || !isAsBelieved(id) ? 'stale' : 'applied';
  });
}
