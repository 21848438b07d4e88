// What the kinds of one database have to load at one moment is asked in one statement: to ask costs more than to answer.
// Who cannot be answered, because a table is locked, holds the others up for a moment only.
import type { Clock } from '../actors/domain/ports/clock';
import { combine, type CombinedRow, type Question } from './combined-statement';
import { gather } from './gathering';
import type { Queryable, Statement } from './session';
import { isRefusedByDatabase } from './sql-errors';

interface Asked extends Question {
  readonly resolve: (rows: readonly never[]) => void;
  readonly reject: (error: unknown) => void;
}

/** Longer than any of them takes under the highest load: then something is in the way. */
const PATIENCE_MS = 1_000;

export class SharedReads implements Queryable {
  private waiting: Asked[] = [];
  private isBusy = false;
  /** The statement that is under way and waited for. */
  private underWay: Promise<void> | undefined;

  constructor(
    private readonly reader: Queryable,
    private readonly clock: Pick<Clock, 'later'>,
  ) {}

  /** Waits until it is time to ask: whoever asks then asks together. */
  async turn(): Promise<void> {
    while (this.underWay) await this.underWay;
  }

  /**
   * Asks at the next opportunity, together with all who wait for it.
   * @param statement returns rows that are the same in JSON
   * @throws the database's error
   */
  query<Row>(statement: Statement, values: readonly unknown[]): Promise<readonly Row[]> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ statement, values, resolve, reject });
      if (this.isBusy) return;
      this.isBusy = true;
      void this.askAll();
    });
  }

  private async askAll(): Promise<void> {
    while (this.waiting.length > 0) {
      await gather(1);
      const together = this.waiting;
      this.waiting = [];
      this.underWay = this.ask(together);
      await this.underWay;
      this.underWay = undefined;
    }
    this.isBusy = false;
  }

  /** Never rejects. What takes too long goes on, each question for itself, and is not waited for. */
  private async ask(together: readonly Asked[]): Promise<void> {
    const [first, ...others] = together;
    if (!first) return;
    const isAlone = others.length === 0;
    const hasEnded = await this.inTime(isAlone ? this.askAlone(first) : this.askTogether(together));
    if (!hasEnded && !isAlone) for (const asked of together) void this.askAlone(asked);
  }

  /** @returns whether it has ended, once it has or has taken too long */
  private inTime(work: Promise<void>): Promise<boolean> {
    return new Promise((resolve) => {
      const callOff = this.clock.later(PATIENCE_MS, () => resolve(false));
      void work.then(() => {
        callOff();
        resolve(true);
      });
    });
  }

  private async askTogether(together: readonly Asked[]): Promise<void> {
    const { statement, values, order } = combine(together);
    try {
      const [row] = await this.reader.query<CombinedRow>(statement, values);
      order.forEach(({ resolve }, place) => resolve((row?.[place] ?? []) as readonly never[]));
    } catch (error) {
      // One that the database refuses must not fail the others.
      if (isRefusedByDatabase(error)) for (const asked of together) await this.askAlone(asked);
      else for (const { reject } of together) reject(error);
    }
  }

  private async askAlone({ statement, values, resolve, reject }: Asked): Promise<void> {
    try {
      resolve(await this.reader.query<never>(statement, values));
    } catch (error) {
      reject(error);
    }
  }
}
