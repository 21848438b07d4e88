// What was started is stopped in the reverse order, each once, and one that fails does not keep the others up.
import type { Logger } from 'pino';

export class Stops {
  private readonly stops: { readonly what: string; readonly stop: () => Promise<void> }[] = [];
  private running: Promise<void> | undefined;

  constructor(private readonly logger: Logger) {}

  add(what: string, stop: () => Promise<void>): void {
    this.stops.push({ what, stop });
  }

  /** Stops everything; a second call waits for the first. */
  run(): Promise<void> {
    this.running ??= this.runAll();
    return this.running;
  }

  private async runAll(): Promise<void> {
    for (const { what, stop } of this.stops.reverse()) {
      try {
        await stop();
      } catch (error) {
        this.logger.error({ err: error, what }, 'a part did not stop cleanly');
      }
    }
  }
}
