import type { Client, Pool } from 'pg';
import type { SessionHooks } from '../../persistence/held-session';
import type { Queryable } from '../../persistence/session';
import { openDatabase, type Database } from '../../persistence/database';
import { pino } from 'pino';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { copyEmbedded } from '../helpers/pglite-template';
import { freshDatabase, until } from '../helpers/servers';

const ECHO = { name: 'echo', text: 'select $1::int as number' };
const LOCK = { name: 'lock', text: 'select pg_try_advisory_lock(7, $1::int) as got' };

const KINDS = [
  { name: 'PostgreSQL', url: true, poolSize: 8 },
  { name: 'PostgreSQL with one connection', url: true, poolSize: 1 },
  { name: 'PGlite', url: false, poolSize: 1 },
];

/** Counts what a session was told. */
function listener(): { ready: number; lost: number; prepared: number; hooks: SessionHooks } {
  const heard = {
    ready: 0,
    lost: 0,
    prepared: 0,
    hooks: {
      prepare: async (queryable: Queryable) => {
        heard.prepared += 1;
        const [row] = await queryable.query<{ got: boolean }>(LOCK, [1]);
        expect(row).toEqual({ got: true });
      },
      onReady: () => (heard.ready += 1),
      onLost: () => (heard.lost += 1),
    },
  };
  return heard;
}

describe.each(KINDS)('sessions on $name', ({ url, poolSize }) => {
  let database: Database;
  let drop: () => Promise<void>;
  beforeEach(async () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'test-data-'));
    const fresh = url ? await freshDatabase() : undefined;
    if (!fresh) await copyEmbedded(dataDir);
    database = await openDatabase({
      ...(fresh ? { url: fresh.url } : {}),
      dataDir,
      poolSize,
      applicationName: 'sessions',
      logger: pino({ level: 'silent' }),
    });
    drop = async () => {
      await database.close();
      await fresh?.drop();
      rmSync(dataDir, { recursive: true });
    };
  }, 60_000);
  afterEach(() => drop());

  const connections = (): readonly Client[] =>
    (database.dataSource.driver as unknown as { master: Pool & { _clients: Client[] } }).master._clients;
  /** As a network does it that fails: without a word to either side. */
  const cut = (): void => {
    for (const client of connections()) {
      (client as unknown as { connection: { stream: { destroy(): void } } }).connection.stream.destroy();
    }
  };
  const numbers = (count: number): number[] => Array.from({ length: count }, (_, place) => place);
  const echo = async (queryable: Queryable, number: number): Promise<number | undefined> =>
    (await queryable.query<{ number: number }>(ECHO, [number]))[0]?.number;

  test('take statements of many callers at once', async () => {
    const sessions = await Promise.all(numbers(3).map((place) => database.openSession(`session ${place}`)));
    const answers = await Promise.all(
      numbers(300).map((number) => echo([...sessions, database.reader][number % 4]!, number)),
    );
    expect(answers).toEqual(numbers(300));
  });

  test('fail one statement, and not those beside it', async () => {
    const session = await database.openSession('session');
    const wrong = { name: 'wrong', text: 'select 1 / $1::int as number' };
    const results = await Promise.allSettled(numbers(20).map((number) => session.query(wrong, [number % 2])));
    expect(results.map((result) => result.status === 'fulfilled')).toEqual(
      numbers(20).map((n) => n % 2 === 1),
    );
    expect(results[0]).toMatchObject({ reason: { code: '22012' } });
  });

  test('tell that they are lost, and come back with what they prepared', async () => {
    const heard = listener();
    const session = await database.openSession('session', heard.hooks);
    expect(heard).toMatchObject({ ready: 1, lost: 0, prepared: 1 });
    expect(await echo(session, 1)).toBe(1);
    const underWay = session.query({ name: 'slow', text: 'select pg_sleep(0.2)' }, []);
    cut();
    await expect(underWay).rejects.toThrow();
    await until('the session is back', () => heard.ready === 2 && session.isReady());
    expect(heard).toMatchObject({ ready: 2, lost: 1 });
    expect(await echo(session, 2)).toBe(2);
    expect(await echo(database.reader, 3)).toBe(3);
  });

  test('that are dropped fail what is under way, and come back with what they prepared', async () => {
    const heard = listener();
    const session = await database.openSession('session', heard.hooks);
    const underWay = session.query({ name: 'slow', text: 'select pg_sleep(0.2)' }, []);
    session.drop();
    await expect(underWay).rejects.toThrow();
    // Once more does nothing while it is away.
    session.drop();
    await until('the session is back', () => heard.ready === 2 && session.isReady());
    expect(heard).toMatchObject({ ready: 2, lost: 1, prepared: 2 });
    expect(await echo(session, 2)).toBe(2);
  });

  test('are not ready while they are away', async () => {
    const session = await database.openSession('session');
    cut();
    await until('the session is lost', () => !session.isReady());
    await expect(echo(session, 1)).rejects.toMatchObject({ code: '08003' });
    await until('the session is back', () => session.isReady());
  });

  test('end with their database', async () => {
    const heard = listener();
    const session = await database.openSession('session', heard.hooks);
    await drop();
    drop = () => Promise.resolve();
    await expect(echo(session, 1)).rejects.toMatchObject({ code: '08003' });
    expect(heard).toMatchObject({ ready: 1, lost: 0 });
  });

  test('may be closed while they are away', async () => {
    const session = await database.openSession('session');
    cut();
    await until('the session is lost', () => !session.isReady());
    await session.close();
  });
});
