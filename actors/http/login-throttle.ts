// Guessing a password stops after five attempts a minute and user. What is remembered is bounded.
const MOST_ATTEMPTS = 5;
const WINDOW_MS = 60_000;
const MOST_USERS = 10_000;

interface Window {
  readonly since: number;
  attempts: number;
}

export class LoginThrottle {
  private readonly windows = new Map<string, Window>();

  /**
   * Counts an attempt before it is tried, so that many at once are no way around.
   * @returns whether it may be tried
   */
  begin(userId: string, nowMs: number): boolean {
    const known = this.windows.get(userId);
    if (!known || nowMs - known.since >= WINDOW_MS) {
      this.remember(userId, { since: nowMs, attempts: 1 });
      return true;
    }
    known.attempts += 1;
    return known.attempts <= MOST_ATTEMPTS;
  }

  /** The password was right: only failures count. */
  succeeded(userId: string): void {
    this.windows.delete(userId);
  }

  /** It could not be tried. */
  takeBack(userId: string): void {
    const known = this.windows.get(userId);
    if (known) known.attempts -= 1;
  }

  private remember(userId: string, window: Window): void {
    this.windows.delete(userId);
    const [oldest] = this.windows.keys();
    if (this.windows.size >= MOST_USERS && oldest !== undefined) this.windows.delete(oldest);
    this.windows.set(userId, window);
  }
}
