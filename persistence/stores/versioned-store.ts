// What the stores of orders and payments have in common: a row carries a version and is written whole, one entry
// a row and flush, with its events and consumptions in the same statement (R4).
import type { OutboxEvent } from '../../actors/domain/events';
import type { OutboxRow } from '../../actors/domain/ports/outbox';
import type { Loaded, LoadRequest, Store, StoreEntry } from '../../actors/domain/ports/store';
import type { Queryable, Statement } from '../session';
import {
  EVENT_WIDTH,
  eventArrays,
  eventsCte,
  outboxRowsOf,
  type EventRow,
  type InsertedEvent,
} from './event-rows';
import { claimArrays, claimKeys, inboxCte } from './inbox-claims';
import type { LedgerStoreParts } from './ledger-store';
import { isProof, PROVE_HELD } from './prove-held';

export interface VersionedStoreParts extends LedgerStoreParts {
  readonly shardOf: (id: string) => number;
  /** Takes the events of a flush as soon as it is committed. */
  readonly onEvents: (rows: readonly OutboxRow[]) => void;
}

/** An entry that changes its row, or makes it. */
export type Change<State, Fact> = StoreEntry<State, Fact> & { readonly after: State };

export interface VersionedStore<State, Fact, Recorded> {
  /** @see versionedStatement */
  readonly statement: Statement;
  /** The first parameters of the statement. */
  readonly changesOf: (changes: readonly Change<State, Fact>[]) => unknown[];
  readonly eventsOf: (fact: Fact, after: State) => readonly OutboxEvent[];
  /** What else than its row an entry may modify (R5). */
  readonly keysOf: (entry: StoreEntry<State, Fact>) => readonly string[];
  readonly states: (reader: Queryable, ids: readonly string[]) => Promise<ReadonlyMap<string, State>>;
  readonly records: (reader: Queryable, keys: readonly string[]) => Promise<ReadonlyMap<string, Recorded>>;
}

/**
 * @param changes CTEs, the last of them `changed(id)`: the rows that really changed
 * @param width how many parameters they have
 */
export function versionedStatement(name: string, changes: string, width: number): Statement {
  const now = width + 1;
  const events = now + 1;
  return {
    name,
    text: `
  with ${changes},
  ${eventsCte(events, now)},
  ${inboxCte(events + EVENT_WIDTH, now, 'select id from changed')}
  select id as changed_id, null::bigint as outbox_id, null as msg_topic, null as msg_tag, null as msg_key
  from changed
  union all
  select null, id, msg_topic, msg_tag, msg_key from events`,
  };
}

type FlushRow = { readonly changed_id: string } | ({ readonly changed_id: null } & InsertedEvent);

export function versionedStore<State, Fact, Recorded>(
  { writer, reader, now, onEvents }: VersionedStoreParts,
  store: VersionedStore<State, Fact, Recorded>,
): Store<State, Fact, Recorded> {
  return {
    load: (requests) => load(reader, store, requests),
    async write(entries) {
      if (isProof(entries)) {
        await writer.query(PROVE_HELD, []);
        return entries.map(() => 'applied');
      }
      const at = now();
      const changes = entries.filter(isChange);
      const events = eventRowsOf(changes, store.eventsOf);
      const rows = await writer.query<FlushRow>(store.statement, [
        ...store.changesOf(changes),
        at,
        ...eventArrays(events),
        ...claimArrays(entries, ({ id }) => id),
      ]);
      const changed = new Set<string>();
      const inserted: InsertedEvent[] = [];
      for (const row of rows) {
        if (row.changed_id === null) inserted.push(row);
        else changed.add(row.changed_id);
      }
      if (inserted.length > 0) onEvents(outboxRowsOf(inserted, events, at));
      return entries.map(({ id, facts }) => (facts.length === 0 || changed.has(id) ? 'applied' : 'conflict'));
    },
    conflictKeys: (entry) => [
      // A consumption without a change may be built on the change before it: it is not recorded if that is not applied (R11).
      ...(entry.facts.length > 0 || entry.inbox ? [entry.id] : []),
      ...store.keysOf(entry),
      ...claimKeys(entry),
    ],
  };
}

export const isChange = <State, Fact>(entry: StoreEntry<State, Fact>): entry is Change<State, Fact> =>
  entry.facts.length > 0 && entry.after !== undefined;

/** The events of what changes, each with the entity that it follows from. */
export const eventRowsOf = <State, Fact>(
  changes: readonly Change<State, Fact>[],
  eventsOf: (fact: Fact, after: State) => readonly OutboxEvent[],
): readonly EventRow[] =>
  changes.flatMap(({ id, facts, after }) =>
    facts.flatMap((fact) => eventsOf(fact, after).map((event) => ({ entityId: id, event }))),
  );

async function load<State, Fact, Recorded>(
  reader: Queryable,
  store: VersionedStore<State, Fact, Recorded>,
  requests: readonly LoadRequest[],
): Promise<readonly Loaded<State, Recorded>[]> {
  const ids = [...new Set(requests.map((request) => request.id))];
  const keys = requests.flatMap(({ recordKey }) => (recordKey === undefined ? [] : [recordKey]));
  // In this order: a record is never newer than the state that it is held against.
  const records = keys.length === 0 ? undefined : await store.records(reader, keys);
  const states = await store.states(reader, ids);
  return requests.map(({ id, recordKey }) => ({
    state: states.get(id),
    recorded: recordKey === undefined ? undefined : records?.get(recordKey),
  }));
}
