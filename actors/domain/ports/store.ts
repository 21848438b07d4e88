// What an entity needs of the books: its state, and a commit of what it decides.
import type { InboxClaim } from '../envelope';

/** What an entity asks its store for: its state and, with a key, the ledger row of that key. */
export interface LoadRequest {
  readonly id: string;
  readonly recordKey?: string;
}

export interface Loaded<State, Recorded> {
  readonly state: State | undefined;
  readonly recorded: Recorded | undefined;
}

/** One decision's facts on their way into a commit. */
export interface StoreEntry<State, Fact> {
  readonly id: string;
  readonly facts: readonly Fact[];
  readonly before: State | undefined;
  readonly after: State | undefined;
  readonly inbox?: InboxClaim | undefined;
}

/**
 * What became of an entry (R3): `applied`; `stale`, applied, but the database holds other figures than the
 * actor believes, so it must read anew; `conflict`, not applied: read anew and decide again.
 */
export type Fate = 'applied' | 'stale' | 'conflict';

export interface Store<State, Fact, Recorded> {
  load(requests: readonly LoadRequest[]): Promise<readonly Loaded<State, Recorded>[]>;
  /**
   * Writes all entries in one statement and tells the fate of each.
   * Entries of one batch never share a conflict key (R5); an empty batch only proves that the connection
   * and its locks still hold (R7).
   */
  write(entries: readonly StoreEntry<State, Fact>[]): Promise<readonly Fate[]>;
  /** Entries with a key in common may not be in one statement (R5). */
  conflictKeys(entry: StoreEntry<State, Fact>): readonly string[];
}

/** What became of a staged entry: its fate, or why it has none. */
export type Settlement =
  | { readonly settled: Fate }
  /** An earlier entry of its entity was not applied as believed: decide again from what is loaded anew (R6). */
  | { readonly settled: 'withdrawn' }
  /** The database is away, or its lock is lost: nothing is known, so ask again as a repeat. */
  | { readonly settled: 'unavailable' }
  /** The database refuses this entry even alone. */
  | { readonly settled: 'poisoned'; readonly message: string };

/** The group commit of one kind: what arrives while a flush is under way forms the next batch. */
export interface Committer<State, Fact> {
  /** Calls back once the flush that holds the entry has ended, in the order of staging for each entity. */
  stage(entry: StoreEntry<State, Fact>, done: (settlement: Settlement) => void): void;
  /** Whether a flush went through so recently that the shards' locks must still hold (R7). */
  isFresh(): boolean;
}

/** Loads of states, batched like the commits. */
export interface Loader<State, Recorded> {
  load(requests: readonly LoadRequest[]): Promise<readonly Loaded<State, Recorded>[]>;
}
