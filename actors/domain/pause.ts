// Waits by a node's clock, which may be a simulated one.
import type { Clock } from './ports/clock';

/** @returns a promise that resolves after so many milliseconds */
export const pause = (clock: Pick<Clock, 'later'>, ms: number): Promise<void> =>
  new Promise((resolve) => void clock.later(ms, resolve));
