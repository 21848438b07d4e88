// Promise 3: three attempts, then a person.

/** How often a saga's steps, and a group's effect of an event, are tried before they are given up. */
export const MOST_ATTEMPTS = 3;

/** The delay after the first and after the second failed attempt of an event's effect. */
const DELAYS_MS = [1_000, 5_000] as const;

/**
 * How long an event whose effect failed is left alone.
 * @param attempts how many have failed so far, 1 at least
 */
export const retryAfterMs = (attempts: number): number => DELAYS_MS[attempts - 1] ?? DELAYS_MS[1];
