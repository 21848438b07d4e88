// Whatever is tried until it works fails for the same reason again and again: the log hears of each reason once, and when it is over.

export class ToldReasons {
  private readonly told = new Set<string>();

  /** @returns whether it is to be told: nothing has failed for this reason since the last `over` */
  isNew(error: unknown): boolean {
    const reason = String(error);
    if (this.told.has(reason)) return false;
    this.told.add(reason);
    return true;
  }

  /** It works again. @returns whether a failure was told of */
  over(): boolean {
    const wasTold = this.told.size > 0;
    this.told.clear();
    return wasTold;
  }
}
