// The real time.
import type { Clock } from '../actors/domain/ports/clock';

let lastMs = Number.NaN;
let lastText = '';

export const systemClock: Clock = {
  // Under load many ask in one millisecond, and writing it out is most of what asking costs.
  now() {
    const ms = Date.now();
    if (ms !== lastMs) {
      lastMs = ms;
      lastText = new Date(ms).toISOString();
    }
    return lastText;
  },
  nowMs: () => Date.now(),
  monotonicMs: () => performance.now(),
  later(afterMs, run) {
    const timer = setTimeout(run, afterMs);
    return () => clearTimeout(timer);
  },
};
