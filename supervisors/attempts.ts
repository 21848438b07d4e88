// What a history of faults comes to: again after a while, or a person's turn (promise 3). Pure.
import { MOST_ATTEMPTS, retryAfterMs } from '../actors/domain/attempts';

/** What could not be tried at all is looked at again after this long, and burns no attempt (R10). */
export const WAIT_MS = 1_000;

export type Next = { readonly next: 'again'; readonly afterMs: number } | { readonly next: 'parked' };

/** @param attempts how many have failed so far, 1 at least */
export const afterFailure = (attempts: number): Next =>
  attempts >= MOST_ATTEMPTS ? { next: 'parked' } : { next: 'again', afterMs: retryAfterMs(attempts) };
