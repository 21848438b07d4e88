// Remembers what was done with lately, as a stream's duplicate window does, in bounded memory.

const WINDOW_MS = 120_000;
const MOST = 100_000;

export class Delivered {
  /** Oldest first. */
  private readonly since = new Map<string, number>();

  add(id: string, now = performance.now()): void {
    this.since.delete(id);
    this.since.set(id, now);
    for (const [old, time] of this.since) {
      if (this.since.size <= MOST && time > now - WINDOW_MS) return;
      this.since.delete(old);
    }
  }

  has(id: string, now = performance.now()): boolean {
    const time = this.since.get(id);
    return time !== undefined && time > now - WINDOW_MS;
  }
}
