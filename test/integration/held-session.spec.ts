import { Client, type Pool } from 'pg';
import { pino } from 'pino';
import { openDataSource, readerOf } from '../../persistence/data-source';
import { openDatabase, type Database } from '../../persistence/database';
import type { HeldSession } from '../../persistence/held-session';
import type { Queryable, Statement } from '../../persistence/session';
import { startPostgres, until, type PostgresServer } from '../helpers/servers';

const LOCK: Statement = { name: 'lock', text: 'select pg_try_advisory_lock(7, 1) as got' };
const PID: Statement = { name: 'pid', text: 'select pg_backend_pid() as pid' };

interface Logged {
  readonly msg: string;
  readonly session?: string;
}

let server: PostgresServer;
const logged: Logged[] = [];
let database: Database;
beforeAll(async () => {
  server = await startPostgres();
  database = await openDatabase({
    url: server.url,
    dataDir: '',
    applicationName: 'held',
    logger: pino({ level: 'info' }, { write: (line) => void logged.push(JSON.parse(line) as Logged) }),
  });
}, 60_000);
afterAll(async () => {
  await database.close();
  await server.stop();
});

const opened: HeldSession[] = [];
afterEach(async () => {
  for (const session of opened.splice(0)) await session.close();
});

async function open(hooks: { onLost?: () => void; onReady?: () => void } = {}): Promise<HeldSession> {
  const session = await database.openSession('test', { ...hooks, prepare: lock });
  opened.push(session);
  return session;
}

async function lock(queryable: Queryable): Promise<void> {
  const [row] = await queryable.query<{ got: boolean }>(LOCK, []);
  if (!row?.got) throw new Error('somebody else holds the lock');
}

const pidOf = async (session: Queryable): Promise<number> =>
  (await session.query<{ pid: number }>(PID, []))[0]!.pid;

async function asOther<Result>(work: (client: Client) => Promise<Result>): Promise<Result> {
  const client = new Client({ connectionString: server.url });
  client.on('error', () => undefined);
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

test('gives its locks back when it is closed', async () => {
  await (await open()).close();
  expect(await asOther(async (client) => (await client.query<{ got: boolean }>(LOCK.text)).rows)).toEqual([
    { got: true },
  ]);
});

test('survives the end of its backend, idle or not', async () => {
  let lost = 0;
  const session = await open({ onLost: () => (lost += 1) });
  for (const round of [1, 2]) {
    const pid = await pidOf(session);
    const underWay =
      round === 1 ? undefined : session.query({ name: 'sleep', text: 'select pg_sleep(20)' }, []);
    const ended = underWay && expect(underWay).rejects.toMatchObject({ code: '57P01' });
    if (underWay) {
      await until('the statement runs', async () => {
        const text = `select 1 from pg_stat_activity where pid = $1 and wait_event = 'PgSleep'`;
        return (await database.reader.query({ name: '', text }, [pid])).length === 1;
      });
    }
    await asOther((client) => client.query('select pg_terminate_backend($1)', [pid]));
    await ended;
    await until('the session is back', async () => (await pidOf(session)) !== pid);
    expect(lost).toBe(round);
  }
});

test('waits until another session has let go of what it needs', async () => {
  await asOther(async (client) => {
    await client.query(LOCK.text);
    const opening = open();
    await client.query('select pg_advisory_unlock(7, 1)');
    expect((await opening).isReady()).toBe(true);
  });
});

test('is refused if another session keeps what it needs', async () => {
  await asOther(async (client) => {
    await client.query(LOCK.text);
    await expect(open()).rejects.toThrow('somebody else holds the lock');
  });
});

test('survives the end of the server, and so does the reader', async () => {
  const heard: string[] = [];
  const session = await open({ onLost: () => heard.push('lost'), onReady: () => heard.push('ready') });
  logged.length = 0;
  server.kill();
  await until('the session is lost', () => !session.isReady());
  await expect(database.reader.query(PID, [])).rejects.toThrow();
  const { port, dataDir } = server;
  server = await startPostgres({ port, dataDir });
  await until('the session is back', () => session.isReady(), 20_000);
  expect(heard).toEqual(['ready', 'lost', 'ready']);
  const told = logged.filter((line) => line.session === 'test').map(({ msg }) => msg);
  expect(told[0]).toBe('the connection is lost: it is made again');
  expect(told.at(-1)).toBe('the connection is there again');
  expect(await pidOf(database.reader)).toEqual(expect.any(Number));
}, 60_000);

test('a server that is not there is named, without its password', async () => {
  const options = { dataDir: '', applicationName: 'held', logger: pino({ level: 'silent' }) };
  await expect(openDatabase({ ...options, url: 'postgres://user:secret@127.0.0.1:1/shop' })).rejects.toThrow(
    /^the database \(127\.0\.0\.1:1\/shop\) cannot be opened: .*ECONNREFUSED/,
  );
});

it('a connection that breaks between two who use it does not end the process', async () => {
  const dataSource = await openDataSource({
    connection: { url: server.url },
    poolSize: 1,
    applicationName: 'idle',
    onIdleFault: () => undefined,
  });
  const pool = (dataSource.driver as unknown as { master: Pool }).master;
  const client = await pool.connect();
  const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid');
  const ended = new Promise<void>((resolve) => void client.once('end', () => resolve()));
  const killer = new Client({ connectionString: server.url });
  await killer.connect();
  await killer.query('select pg_terminate_backend($1)', [rows[0]?.pid]);
  await killer.end();
  // Nobody else listens to its faults: without a listener for life this would be an uncaught exception.
  await ended;
  client.release(true);
  await dataSource.destroy();
});

it('the fault of an idle connection is told without the connection: a log needs no statement texts', async () => {
  const faults: unknown[] = [];
  const dataSource = await openDataSource({
    connection: { url: server.url },
    poolSize: 2,
    applicationName: 'idle and heard',
    onIdleFault: (fault) => faults.push(fault),
  });
  await readerOf(dataSource).query(PID, []);
  const killer = new Client({ connectionString: server.url });
  await killer.connect();
  await killer.query(
    `select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'idle and heard'`,
  );
  await killer.end();
  await until('the fault to be heard', () => faults.length > 0);
  expect(faults[0]).toBeInstanceOf(Error);
  expect(faults[0]).not.toHaveProperty('client');
  await dataSource.destroy();
});
