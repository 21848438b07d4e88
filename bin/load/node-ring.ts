// The nodes that a client knows, taken in turn. One that refused or was silent is passed over until it answers a
// health check again, as a load balancer does; when all are, they are tried all the same.
import { setTimeout as pause } from 'node:timers/promises';
import { request, type Dispatcher } from 'undici';

const PROBE_EVERY_MS = 250;
const PROBE_TIMEOUT_MS = 1_000;

export class NodeRing {
  private turn = 0;
  private readonly suspects = new Set<string>();
  private readonly closed = new AbortController();

  /** @param urls at least one */
  constructor(
    readonly urls: readonly string[],
    private readonly dispatcher: Dispatcher,
  ) {
    if (urls.length === 0) throw new Error('no node is known');
  }

  next(): string {
    const trusted = this.urls.filter((url) => !this.suspects.has(url));
    const among = trusted.length > 0 ? trusted : this.urls;
    this.turn += 1;
    return among[this.turn % among.length] as string;
  }

  /** Whether no node is trusted now, so that haste would help nobody. */
  isDesperate(): boolean {
    return this.suspects.size === this.urls.length;
  }

  suspect(url: string): void {
    if (this.suspects.has(url) || this.closed.signal.aborted) return;
    this.suspects.add(url);
    void this.probe(url);
  }

  close(): void {
    this.closed.abort();
  }

  private async probe(url: string): Promise<void> {
    while (!this.closed.signal.aborted && !(await this.answers(url))) {
      const { signal } = this.closed;
      await pause(PROBE_EVERY_MS, undefined, { signal, ref: false }).catch(() => undefined);
    }
    this.suspects.delete(url);
  }

  private async answers(url: string): Promise<boolean> {
    try {
      const signal = AbortSignal.timeout(PROBE_TIMEOUT_MS);
      const { statusCode, body } = await request(`${url}/healthz`, { dispatcher: this.dispatcher, signal });
      await body.dump();
      return statusCode === 200;
    } catch {
      return false;
    }
  }
}
