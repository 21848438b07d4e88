// Work that is done again and again, each round begun a while after the one before has ended.
import type { Clock } from '../actors/domain/ports/clock';

export interface Repeating {
  /** No round begins any more; one that is under way ends. */
  stop(): void;
  /** Begins the next round now, or as soon as the one under way has ended. */
  hurry(): void;
}

export interface RepeatOptions {
  readonly clock: Pick<Clock, 'later'>;
  readonly everyMs: number;
  readonly onFailure: (error: unknown) => void;
}

/** Begins the first round at once. @param round is told how to see that it should end early */
export function repeat(
  round: (isStopped: () => boolean) => Promise<void>,
  options: RepeatOptions,
): Repeating {
  let stopped = false;
  let running = false;
  let again = false;
  let callOff = (): void => undefined;
  const begin = (): void => {
    running = true;
    again = false;
    round(() => stopped)
      .catch(options.onFailure)
      .finally(() => {
        running = false;
        if (!stopped) callOff = options.clock.later(again ? 0 : options.everyMs, begin);
      });
  };
  begin();
  return {
    stop() {
      stopped = true;
      callOff();
    },
    hurry() {
      again = true;
      if (stopped || running) return;
      callOff();
      begin();
    },
  };
}
