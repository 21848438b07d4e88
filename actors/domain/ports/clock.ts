// The time, as the actors need it.
import type { Instant } from '../envelope';

export interface Clock {
  now(): Instant;
  /** The same moment in milliseconds since 1970. */
  nowMs(): number;
  /**
   * Milliseconds that only ever go forward, from some beginning, whatever is done to the time of day: for measuring how
   * long things take.
   */
  monotonicMs(): number;
  /** @returns a function that calls it off */
  later(afterMs: number, run: () => void): () => void;
}
