// When the next request is due. A closed loop sends one when another was answered, so a slow server is asked less; an
// open one sends at its own times, and whoever has to wait for a free connection has waited for the server.

/** @returns the time at which the next request is due, past or future, as performance.now() */
export type Pace = (nowMs: number) => number;

/** The closed loop. */
export const asAnswered: Pace = (nowMs) => nowMs;

/** The open loop: so many a second from a moment on, evenly. */
export function evenly(perSecond: number, fromMs: number): Pace {
  let sent = 0;
  return () => {
    const dueMs = fromMs + (sent * 1_000) / perSecond;
    sent += 1;
    return dueMs;
  };
}
