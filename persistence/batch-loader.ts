// Loads of states in batches: what is asked for while a load is under way is asked for together. A question that
// the database refuses is asked alone, so that its neighbours are answered.
import type { Loaded, Loader, LoadRequest, Store } from '../actors/domain/ports/store';
import { isRefusedByDatabase } from './sql-errors';

interface Waiter<State, Recorded> {
  readonly requests: readonly LoadRequest[];
  readonly resolve: (loaded: readonly Loaded<State, Recorded>[]) => void;
  readonly reject: (error: unknown) => void;
}

export class BatchLoader<State, Recorded> implements Loader<State, Recorded> {
  private waiting: Waiter<State, Recorded>[] = [];
  private loading = false;

  /** @param turn waits until it is time to load: meanwhile more comes */
  constructor(
    private readonly store: Pick<Store<State, unknown, Recorded>, 'load'>,
    private readonly turn: () => Promise<void>,
  ) {}

  load(requests: readonly LoadRequest[]): Promise<readonly Loaded<State, Recorded>[]> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ requests, resolve, reject });
      if (this.loading) return;
      this.loading = true;
      void this.loadAll();
    });
  }

  private async loadAll(): Promise<void> {
    while (this.waiting.length > 0) {
      await this.turn();
      const batch = this.waiting;
      this.waiting = [];
      await this.loadBatch(batch);
    }
    this.loading = false;
  }

  private async loadBatch(batch: readonly Waiter<State, Recorded>[]): Promise<void> {
    try {
      const loaded = await this.store.load(batch.flatMap((waiter) => waiter.requests));
      let from = 0;
      for (const waiter of batch) {
        waiter.resolve(loaded.slice(from, from + waiter.requests.length));
        from += waiter.requests.length;
      }
    } catch (error) {
      if (batch.length === 1 || !isRefusedByDatabase(error)) for (const waiter of batch) waiter.reject(error);
      else for (const waiter of batch) await this.loadBatch([waiter]);
    }
  }
}
