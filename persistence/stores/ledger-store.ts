// What the stores of goods, coupons, wallets and the payment log have in common: a load is one statement, and
// so is a flush.
import type { Loaded, LoadRequest, Store, StoreEntry } from '../../actors/domain/ports/store';
import type { Queryable, Statement } from '../session';
import { PlainColumns } from './batch-columns';
import { fatesOf, type FlushRow } from './fates';
import { claimKeys } from './inbox-claims';
import { isProof, PROVE_HELD } from './prove-held';

export interface LedgerStoreParts {
  /** The connection that holds the shards' locks. */
  readonly writer: Queryable;
  readonly reader: Queryable;
  readonly now: () => string;
}

export interface Call {
  readonly statement: Statement;
  readonly values: readonly unknown[];
}

export interface LedgerStore<State, Fact, Recorded, LoadRow, Figures extends FlushRow> {
  /** Returns a row for each request, in their order. */
  readonly load: (requests: readonly LoadRequest[]) => Call;
  readonly loaded: (row: LoadRow) => Loaded<State, Recorded>;
  /** Returns what `fatesOf` reads. */
  readonly flush: (entries: readonly StoreEntry<State, Fact>[], now: string) => Call;
  /** Whether the figures that are held are those that the actor believes. */
  readonly agrees: (figures: Figures, after: State) => boolean;
  /** What two facts of one statement may not have in common (R5). */
  readonly keyOf: (id: string, fact: Fact) => string;
}

export function ledgerStore<State, Fact, Recorded, LoadRow, Figures extends FlushRow>(
  { writer, reader, now }: LedgerStoreParts,
  store: LedgerStore<State, Fact, Recorded, LoadRow, Figures>,
): Store<State, Fact, Recorded> {
  return {
    async load(requests) {
      const { statement, values } = store.load(requests);
      const rows = await reader.query<LoadRow>(statement, values);
      return rows.map(store.loaded);
    },
    async write(entries) {
      if (isProof(entries)) {
        await writer.query(PROVE_HELD, []);
        return entries.map(() => 'applied');
      }
      const { statement, values } = store.flush(entries, now());
      return fatesOf(entries, await writer.query<Figures>(statement, values), store.agrees);
    },
    conflictKeys: (entry) => [...entry.facts.map((fact) => store.keyOf(entry.id, fact)), ...claimKeys(entry)],
  };
}

/** The arrays of ids and record keys, for those whose record key is an id as it stands. */
export function idsAndKeys(requests: readonly LoadRequest[]): string[] {
  const asked = new PlainColumns(2);
  for (const { id, recordKey } of requests) asked.add(id, recordKey ?? null);
  return asked.arrays();
}
