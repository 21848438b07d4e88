// What an entity knows of its state: nothing, until it was loaded; and nothing again, once it was wrong about it.
import type { Loaded, Loader } from './domain/ports/store';

export class KnownState<State, Recorded> {
  /** Undefined also where there is no such entity. */
  state: State | undefined;
  isKnown = false;
  private loading = false;
  private warmers: (() => void)[] = [];

  constructor(
    private readonly id: string,
    private readonly loader: Loader<State, Recorded>,
  ) {}

  get isLoading(): boolean {
    return this.loading;
  }

  forget(): void {
    this.state = undefined;
    this.isKnown = false;
  }

  /** @param done is called when the load that is under way, or is about to begin, has ended, one way or the other */
  awaitLoad(done: () => void): void {
    this.warmers.push(done);
  }

  /**
   * Loads the state, if it is not known, and ledger rows, in one batch.
   * @param keys of the ledger rows
   * @param done gets the rows in the places of their keys
   */
  load(
    keys: readonly string[],
    done: (rows: readonly (Recorded | undefined)[]) => void,
    failed: (error: unknown) => void,
  ): void {
    this.loading = true;
    const { id } = this;
    const requests = keys.length === 0 ? [{ id }] : keys.map((recordKey) => ({ id, recordKey }));
    this.loader.load(requests).then(
      (results) => {
        this.loading = false;
        this.take(results[0]);
        done(results.map(({ recorded }) => recorded));
        this.tellWarmers();
      },
      (error: unknown) => {
        this.loading = false;
        failed(error);
        this.tellWarmers();
      },
    );
  }

  private take(first: Loaded<State, Recorded> | undefined): void {
    if (this.isKnown) return;
    this.state = first?.state;
    this.isKnown = true;
  }

  private tellWarmers(): void {
    const { warmers } = this;
    if (warmers.length === 0) return;
    this.warmers = [];
    for (const done of warmers) done();
  }
}
