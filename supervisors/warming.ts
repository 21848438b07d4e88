// States that a joint commit needs are loaded before anybody is asked, all at once, and not waited for too long.
import type { Clock } from '../actors/domain/ports/clock';
import type { Lent } from './shard-region';

/** For whom states are being loaded at once at most: what comes beyond that goes step by step, which is bounded. */
const MOST_AT_ONCE = 5_000;

/** What takes longer is saved before anything else, and is not forgotten. */
const WITHIN_MS = 250;

export class Warming {
  private underWay = 0;

  constructor(private readonly clock: Pick<Clock, 'later'>) {}

  get isFull(): boolean {
    return this.underWay >= MOST_AT_ONCE;
  }

  /**
   * Has the states loaded that are not known.
   * @returns whether that takes a while; then `done` is called once, at the latest when it has taken too long
   */
  warm(lents: readonly Lent[], done: () => void): boolean {
    let missing = 0;
    let isOver = false;
    const end = (): void => {
      if (isOver) return;
      isOver = true;
      callOff();
      this.underWay -= 1;
      done();
    };
    const loaded = (): void => {
      missing -= 1;
      if (missing === 0) end();
    };
    for (const lent of lents) if (lent.warm(loaded)) missing += 1;
    if (missing === 0) return false;
    this.underWay += 1;
    const callOff = this.clock.later(WITHIN_MS, end);
    return true;
  }
}
