// Asks the node again and again whether it lives, as a load balancer does, and remembers the longest wait.
import { setTimeout as pause } from 'node:timers/promises';

const EVERY_MS = 200;
/** Nobody waits longer for a process that lives. */
const HUNG_MS = 15_000;

export class Health {
  worstMs = 0;
  /** Undefined while all is well. */
  fault: string | undefined;
  private isOver = false;
  private readonly watching: Promise<void>;

  constructor(private readonly url: string) {
    this.watching = this.watch();
  }

  async end(): Promise<void> {
    this.isOver = true;
    await this.watching;
  }

  private async watch(): Promise<void> {
    while (!this.isOver) {
      const began = performance.now();
      try {
        const answer = await fetch(new URL('/healthz', this.url), { signal: AbortSignal.timeout(HUNG_MS) });
        if (!answer.ok) this.fault ??= `/healthz answered ${answer.status}`;
        await answer.arrayBuffer();
      } catch (error) {
        this.fault ??= `/healthz did not answer: ${String(error)}`;
      }
      this.worstMs = Math.max(this.worstMs, performance.now() - began);
      await pause(EVERY_MS);
    }
  }
}
