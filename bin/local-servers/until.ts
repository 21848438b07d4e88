// Waiting for a condition, never for a time.
import { setTimeout as pause } from 'node:timers/promises';

/**
 * Asks again and again until the condition holds. A condition that throws does not hold yet.
 * @throws Error naming `what` when it did not hold in time, with the last thing thrown as its cause
 */
export async function until(
  what: string,
  condition: () => Promise<boolean> | boolean,
  withinMs = 10_000,
): Promise<void> {
  const deadline = performance.now() + withinMs;
  for (;;) {
    let thrown: unknown;
    try {
      if (await condition()) return;
    } catch (error) {
      thrown = error;
    }
    if (performance.now() >= deadline) {
      const why = thrown instanceof Error ? `: ${thrown.message}` : '';
      throw new Error(`Waited ${withinMs} ms for ${what}${why}`, { cause: thrown });
    }
    await pause(20);
  }
}
