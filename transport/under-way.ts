// Counts what is under way, so that closing can wait for its end, within bounds.

export class UnderWay {
  private count = 0;
  private idlers: (() => void)[] = [];

  /** Work that closing waits for begins; `leave` must follow. */
  enter(): void {
    this.count += 1;
  }

  leave(): void {
    this.count -= 1;
    if (this.count === 0) for (const idle of this.idlers.splice(0)) idle();
  }

  async run<Result>(work: () => Promise<Result>): Promise<Result> {
    this.enter();
    try {
      return await work();
    } finally {
      this.leave();
    }
  }

  /** Resolves when nothing is under way. */
  idle(): Promise<void> {
    return this.count === 0 ? Promise.resolve() : new Promise((resolve) => this.idlers.push(resolve));
  }
}

/** Waits for the end of work, good or bad, but no longer than that. */
export async function atMost(withinMs: number, work: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const time = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, Math.max(0, withinMs));
  });
  await Promise.race([time, work.catch(() => undefined)]);
  clearTimeout(timer);
}
