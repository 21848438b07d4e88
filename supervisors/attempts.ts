// What a history of faults comes to: again after a while, or a person's turn (promise 3). Pure.
import { MOST_ATTEMPTS } from '../actors/domain/attempts';

/** The delay after the first and after the second failed attempt. */
const DELAYS_MS = [1_000, 5_000];

/** What could not be tried at all is looked at again after this long, and burns no attempt (R10). */
export const WAIT_MS = 1_000;

export type Next = { readonly next: 'again'; readonly afterMs: number } | { readonly next: 'parked' };

/** @param attempts how many have failed so far, 1 at least */
export const afterFailure = (attempts: number): Next =>
  attempts >= MOST_ATTEMPTS
    ? { next: 'parked' }
    : { next: 'again', afterMs: DELAYS_MS[attempts - 1] ?? DELAYS_MS.at(-1) ?? WAIT_MS };
