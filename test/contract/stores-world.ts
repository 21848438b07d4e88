// The stores on both databases: an empty set of tables for each test, and ways to look at the rows.
import type { InboxClaim } from '../../actors/domain/envelope';
import { id } from '../../actors/domain/ids';
import type { Decider } from '../../actors/domain/decision';
import type { StoreEntry } from '../../actors/domain/ports/store';
import type { Queryable } from '../../persistence/session';
import { emptyTables } from '../helpers/books';
import { DATABASES, type TestDatabase } from '../helpers/databases';
import { TABLES } from '../helpers/kind-tables';

export { emptyTables };

export const NOW = '2026-03-04T05:06:07.089Z';

/** Makes an id of a number, for whichever kind the place needs. */
export const no = id;

export async function runSql<Row = Record<string, unknown>>(
  database: Queryable,
  text: string,
): Promise<Row[]> {
  return [...(await database.query<Row>({ name: '', text }, []))];
}

/** Every row of every table as a text, but for the numbers that the outbox gives out. */
export async function allRows(database: Queryable): Promise<string[]> {
  const each = TABLES.map((name) => `select concat('${name} ', to_jsonb(r) - 'id') as text from ${name} r`);
  const rows = await runSql<{ text: string }>(
    database,
    `select text from (${each.join(' union all ')}) t order by 1`,
  );
  return rows.map(({ text }) => text);
}

/** Runs the suite once on each database. */
export function onBothDatabases(suite: (database: () => Queryable) => void): void {
  describe.each(DATABASES)('on $name', ({ open }) => {
    let database: TestDatabase;
    beforeAll(async () => {
      database = await open();
    }, 60_000);
    beforeEach(() => emptyTables(database.reader));
    afterAll(() => database.drop());

    suite(() => database.reader);
  });
}

export const claimOf = (key: string, body = '{}'): InboxClaim => ({
  group: 'some_group',
  tag: 'order_cancel',
  key,
  messageId: `order_cancel:${key}`,
  body,
});

/** Entries as an actor stages them: each decided on the state that the one before left. */
export function stagingOf<State, Fact>(decider: Pick<Decider<State, never, Fact, never>, 'evolve'>) {
  return (
    entityId: string,
    before: State | undefined,
    ...steps: readonly { readonly facts: readonly Fact[]; readonly inbox?: InboxClaim }[]
  ): StoreEntry<State, Fact>[] => {
    let state = before;
    return steps.map((step) => {
      const entry = { id: entityId, before: state, ...step };
      state = step.facts.reduce<State | undefined>((now, fact) => decider.evolve(now, fact), state);
      return { ...entry, after: state };
    });
  };
}
