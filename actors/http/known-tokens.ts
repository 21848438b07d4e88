// Tokens that were found to be good, so that a customer's next request costs no signature. The library has such a cache
// too, but hashes every token on its way there, which takes as long as checking it.

interface Known {
  readonly userId: string;
  /** Seconds since 1970. */
  readonly expires: number;
}

export class KnownTokens {
  private readonly known = new Map<string, Known>();

  /** @param most tokens that are kept; those that have been here longest go first */
  constructor(private readonly most: number) {}

  /** @returns whom a known token was given to; undefined if it is not known, or has expired */
  userOf(token: string, nowMs: number): string | undefined {
    const known = this.known.get(token);
    if (known === undefined || known.expires * 1_000 <= nowMs) return undefined;
    return known.userId;
  }

  /** Keeps a token that was verified. One that never expires, or not in a number, is verified every time. */
  keep(token: string, userId: string, expires: unknown): void {
    if (typeof expires !== 'number') return;
    if (this.known.size >= this.most) {
      const [oldest] = this.known.keys();
      if (oldest !== undefined) this.known.delete(oldest);
    }
    this.known.set(token, { userId, expires });
  }
}
