// Guessing a password is made slow: after some failures a user has to wait.

const MOST_FAILURES = 5;
const WINDOW_MS = 60_000;
/** The oldest are forgotten first. */
const MOST_USERS = 10_000;

export class Throttle {
  private readonly failures = new Map<string, { count: number; since: number }>();

  constructor(private readonly nowMs: () => number) {}

  isBlocked(userId: string): boolean {
    const entry = this.failures.get(userId);
    return entry !== undefined && this.nowMs() - entry.since < WINDOW_MS && entry.count >= MOST_FAILURES;
  }

  failed(userId: string): void {
    const entry = this.failures.get(userId);
    const fresh = entry && this.nowMs() - entry.since < WINDOW_MS ? entry : { count: 0, since: this.nowMs() };
    this.failures.delete(userId);
    this.failures.set(userId, { ...fresh, count: fresh.count + 1 });
    const [oldest] = this.failures.keys();
    if (this.failures.size > MOST_USERS && oldest !== undefined) this.failures.delete(oldest);
  }

  succeeded(userId: string): void {
    this.failures.delete(userId);
  }
}
