// Whether the client itself stood still: a late answer is the server's only if the client was awake to take it.
import { monitorEventLoopDelay } from 'node:perf_hooks';

const NS_PER_MS = 1_000_000;
const MINUTE_MS = 60_000;

/** The longest the client's own event loop was late, minute by minute of a measurement. */
export class Pulse {
  private readonly delays = monitorEventLoopDelay({ resolution: 10 });
  private readonly latest: number[] = [];
  private timer: NodeJS.Timeout | undefined;

  begin(): void {
    this.delays.enable();
    this.timer = setInterval(() => this.note(), MINUTE_MS);
  }

  /** @returns in milliseconds, for each minute that was begun */
  end(): readonly number[] {
    clearInterval(this.timer);
    this.note();
    this.delays.disable();
    return this.latest;
  }

  private note(): void {
    this.latest.push(this.delays.max / NS_PER_MS);
    this.delays.reset();
  }
}
