// Time that stands still, for what only notes the moment.
import type { Clock } from '../../actors/domain/ports/clock';

export const STILL_CLOCK: Clock = {
  now: () => '2026-01-01T00:00:00.000Z',
  nowMs: () => 0,
  monotonicMs: () => 0,
  later: () => () => undefined,
};
