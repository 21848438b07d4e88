// What a broker that is away, or slow, does not do now it may do a moment later.
import { setTimeout as pause } from 'node:timers/promises';

const BETWEEN_TRIES_MS = 500;

/**
 * Tries until it works, fails for good, or has been tried for that long.
 * @param isPassing whether a failure may well be none a moment later; it may tell of it
 * @throws what the last try failed with
 */
export async function tryFor(
  withinMs: number,
  work: () => Promise<void>,
  isPassing: (error: unknown) => boolean,
): Promise<void> {
  const deadline = performance.now() + withinMs;
  for (;;) {
    try {
      await work();
      return;
    } catch (error) {
      if (performance.now() > deadline || !isPassing(error)) throw error;
      await pause(BETWEEN_TRIES_MS);
    }
  }
}
