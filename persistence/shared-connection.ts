// One connection for everybody, where there is no second: the embedded database is a single session. Each of our
// statements is whole in itself, so those of many callers may follow each other on it in any order.
import type { Logger } from 'pino';
import type { DataSource } from 'typeorm';
import { openHeldSession, type HeldSession, type SessionHooks } from './held-session';
import type { Queryable, Statement } from './session';

/** The ways to a database, over one connection or many. */
export interface Connections {
  readonly reader: Queryable;
  openSession(label: string, hooks?: SessionHooks): Promise<HeldSession>;
  close(): Promise<void>;
}

/** The embedded session outlives its connections, with the statements and locks of the one before. */
const RESET: readonly Statement[] = [
  { name: '', text: 'deallocate all' },
  { name: '', text: 'select pg_advisory_unlock_all()' },
  // Nothing makes its statistics anew, so a plan from when a table was small would read the whole of it for ever.
  { name: '', text: 'set enable_seqscan = off' },
];

/** Opens the connection; when it is lost and made again, every session on it is prepared again. */
export async function shareConnection(dataSource: DataSource, logger: Logger): Promise<Connections> {
  const sessions = new Set<SessionHooks>();
  const held = await openHeldSession(
    dataSource,
    'everybody',
    {
      async prepare(queryable) {
        for (const statement of RESET) await queryable.query(statement, []);
        for (const session of sessions) await session.prepare?.(queryable);
      },
      onReady: () => sessions.forEach((session) => session.onReady?.()),
      onLost: () => sessions.forEach((session) => session.onLost?.()),
    },
    logger,
  );
  const query = <Row>(statement: Statement, values: readonly unknown[]) => held.query<Row>(statement, values);
  return {
    reader: { query },
    async openSession(_label, hooks = {}) {
      await hooks.prepare?.({ query });
      sessions.add(hooks);
      hooks.onReady?.();
      return {
        query,
        isReady: () => held.isReady(),
        drop: () => held.drop(),
        close: () => {
          // What it has locked stays so until the connection ends: nobody else can ask for it.
          sessions.delete(hooks);
          return Promise.resolve();
        },
      };
    },
    close: () => held.close(),
  };
}
