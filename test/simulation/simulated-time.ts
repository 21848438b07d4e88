// Time that passes only when a test says so. What is due runs one by one, in the order of its moments, and all that
// follows from one of them without waiting has happened before the next.

import type { Instant } from '../../actors/domain/envelope';

interface Due {
  readonly at: number;
  readonly run: () => void;
}

export class SimulatedTime {
  /** Milliseconds; not 0, so that what begins there is not mistaken for 'never'. */
  private now = 1_000_000;
  private readonly due: Due[] = [];
  private told = { at: Number.NaN, text: '' };

  /**
   * @param check called after every step, to throw if something is wrong
   * @param settle lets everything go on that can, after so many milliseconds have passed
   */
  constructor(
    private readonly check: () => void = () => undefined,
    private readonly settle: (passedMs: number) => Promise<void> = settled,
  ) {}

  get nowMs(): number {
    return this.now;
  }

  /** The same moment as a text. It is asked for far more often than time passes. */
  get instant(): Instant {
    if (this.told.at !== this.now) this.told = { at: this.now, text: new Date(this.now).toISOString() };
    return this.told.text;
  }

  /** @returns a function that calls it off */
  after(ms: number, run: () => void): () => void {
    const one = { at: this.now + Math.max(0, ms), run };
    let place = this.due.length;
    while (place > 0 && (this.due[place - 1]?.at ?? 0) > one.at) place -= 1;
    this.due.splice(place, 0, one);
    return () => {
      const found = this.due.indexOf(one);
      if (found >= 0) this.due.splice(found, 1);
    };
  }

  /** @param isEnough ends it early, asked after every step */
  async pass(ms: number, isEnough: () => boolean = () => false): Promise<void> {
    const end = this.now + ms;
    await this.settle(0);
    for (let next = this.due[0]; next && next.at <= end; next = this.due[0]) {
      this.due.shift();
      const passedMs = next.at - this.now;
      this.now = next.at;
      if (passedMs > 0) await this.settle(passedMs);
      next.run();
      await this.settle(0);
      this.check();
      if (isEnough()) return;
    }
    const passedMs = end - this.now;
    this.now = end;
    if (passedMs > 0) await this.settle(passedMs);
  }
}

/** Every promise that can go on has gone on. */
const settled = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));
