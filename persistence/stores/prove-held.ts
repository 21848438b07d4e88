// A flush without facts or consumptions only proves that the connection and its locks still hold (R7).
import type { StoreEntry } from '../../actors/domain/ports/store';
import type { Statement } from '../session';

export const PROVE_HELD: Statement = { name: 'prove-held', text: 'select 1' };

export const isProof = (entries: readonly StoreEntry<unknown, unknown>[]): boolean =>
  entries.every(({ facts, inbox }) => facts.length === 0 && inbox === undefined);
