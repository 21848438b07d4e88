// Thousands of questions that wait for their answers. Their timeouts are kept by one sweep every 50 ms instead
// of a timer each: none ends early, and none much more than that late.

const SLOT_MS = 50;

interface Waiting<Result> {
  readonly resolve: (result: Result) => void;
  readonly reject: (error: Error) => void;
}

interface Asked<Result> {
  /** Let go of once it is answered (ADR 19). */
  waiting: Waiting<Result> | undefined;
  readonly address: string;
}

export class Pending<Result> {
  private readonly waiting = new Map<number, Asked<Result>>();
  private readonly slots = new Map<number, number[]>();
  private sweep: NodeJS.Timeout | undefined;
  private sweptUpTo = 0;
  private last = 0;

  /** @param late makes the error of a question whose time is over */
  constructor(private readonly late: () => Error) {}

  /**
   * @param address who was asked, for those who give up on it
   * @returns the question's number; numbers count up by one
   */
  open(waiting: Waiting<Result>, timeoutMs: number, address = ''): number {
    const id = ++this.last;
    this.waiting.set(id, { waiting, address });
    const slot = Math.ceil((performance.now() + timeoutMs) / SLOT_MS);
    const ids = this.slots.get(slot);
    if (ids) ids.push(id);
    else this.slots.set(slot, [id]);
    this.startSweeping();
    return id;
  }

  settle(id: number, result: Result): void {
    this.take(id)?.resolve(result);
  }

  fail(id: number, error: Error): void {
    this.take(id)?.reject(error);
  }

  /** Ends every question. @param error makes what it ends with */
  failAll(error = this.late): void {
    clearInterval(this.sweep);
    this.sweep = undefined;
    this.slots.clear();
    for (const id of [...this.waiting.keys()]) this.fail(id, error());
  }

  /** Ends the questions to some addresses. @param error makes what they end with */
  failThose(isConcerned: (address: string) => boolean, error: () => Error): void {
    const concerned = [...this.waiting].filter(([, { address }]) => isConcerned(address));
    for (const [id] of concerned) this.fail(id, error());
  }

  /** @returns who waits, if somebody still does */
  private take(id: number): Waiting<Result> | undefined {
    const asked = this.waiting.get(id);
    if (!asked) return undefined;
    this.waiting.delete(id);
    const { waiting } = asked;
    asked.waiting = undefined;
    return waiting;
  }

  private startSweeping(): void {
    if (this.sweep) return;
    this.sweptUpTo = Math.floor(performance.now() / SLOT_MS);
    // After a pause the timers run before the sockets are read: let the answers that lie there come first.
    this.sweep = setInterval(() => setImmediate(() => this.expire()), SLOT_MS);
    this.sweep.unref();
  }

  private expire(): void {
    if (!this.sweep) return;
    const due = Math.floor(performance.now() / SLOT_MS);
    while (this.sweptUpTo < due) {
      this.sweptUpTo += 1;
      const ids = this.slots.get(this.sweptUpTo);
      if (!ids) continue;
      this.slots.delete(this.sweptUpTo);
      for (const id of ids) if (this.waiting.has(id)) this.fail(id, this.late());
    }
    if (this.slots.size > 0) return;
    clearInterval(this.sweep);
    this.sweep = undefined;
  }
}
