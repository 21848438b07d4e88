// What only reads or operates makes no tables and changes none, wherever DATABASE_URL or DATA_DIR lead by mistake.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { Client } from 'pg';
import { MIGRATIONS } from '../../persistence/migrations';
import { trade, TRADE } from '../helpers/cli';
import { freshDatabase } from '../helpers/servers';
import { until } from '../helpers/until';

const COMMANDS = ['orders show 1', 'dead-letters redrive --all', 'outbox replay --topic payTopic', 'audit'];

jest.setTimeout(60_000);

let database: Awaited<ReturnType<typeof freshDatabase>>;
let client: Client;
let dataDir: string;

const run = (command: string, env: Readonly<Record<string, string>>): Promise<string> =>
  trade({ env: { DATA_DIR: dataDir, ...env } }, ...command.split(' '));
const onServer = (command: string): Promise<string> => run(command, { DATABASE_URL: database.url });

async function tables(): Promise<readonly unknown[]> {
  const { rows } = await client.query<{ name: unknown }>(
    "select relname as name from pg_class where relnamespace = 'public'::regnamespace order by 1",
  );
  return rows.map(({ name }) => name);
}

beforeAll(async () => {
  dataDir = join(mkdtempSync(join(tmpdir(), 'trade-operator-')), 'data');
  database = await freshDatabase();
  client = new Client({ connectionString: database.url });
  await client.connect();
});

afterAll(async () => {
  await client.end();
  await database.drop();
  rmSync(join(dataDir, '..'), { recursive: true });
});

it.each(COMMANDS)('`trade %s` leaves an empty database empty, and says what to do', async (command) => {
  const { pathname } = new URL(database.url);
  await expect(onServer(command)).rejects.toMatchObject({
    code: 1,
    stderr: expect.stringMatching(
      new RegExp(`^trade: the database \\(.*${pathname}\\) has no tables .* trade migrate .*\n$`),
    ),
  });
  expect(await tables()).toEqual([]);
});

it('makes no folder to look into it, and says that nothing is there', async () => {
  await expect(run('orders show 1', {})).rejects.toMatchObject({
    code: 1,
    stderr: expect.stringMatching(
      /^trade: nothing is kept in .*, and no node runs there: .* trade migrate .*\n$/,
    ),
  });
  expect(existsSync(dataDir)).toBe(false);
});

it('tells a folder that cannot be made by its setting', async () => {
  await expect(run('migrate', { DATA_DIR: TRADE })).rejects.toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/^trade: nothing can be kept in DATA_DIR \(.*trade\.js\): EEXIST.*\n$/),
  });
});

it('reads once the tables are made', async () => {
  await onServer('migrate');
  expect(await onServer('audit')).toContain('rules hold');
});

it('leaves tables alone that are older, and reads those that are newer', async () => {
  const last = MIGRATIONS.at(-1)!.name;
  await client.query('update migrations set name = $2 where name = $1', [last, 'Later1800000000001']);
  const before = [await tables(), (await client.query('select * from migrations')).rows];
  await expect(onServer('audit')).rejects.toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/^trade: the tables .* are older than this program: trade migrate .*\n$/),
  });
  expect([await tables(), (await client.query('select * from migrations')).rows]).toEqual(before);
  await client.query('insert into migrations (timestamp, name) values (1700000000003, $1)', [last]);
  expect(await onServer('audit')).toContain('rules hold');
});

it.each([
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const)('an audit that %s interrupts is none at the server either', async (signal, status) => {
  await onServer('migrate');
  const other = new Client({ connectionString: database.url });
  await other.connect();
  await other.query('begin');
  await other.query('lock table trade_order in access exclusive mode');
  const audit = spawn(process.execPath, [TRADE, 'audit'], {
    env: { ...process.env, DATA_DIR: dataDir, DATABASE_URL: database.url },
  });
  const ended = once(audit, 'close');
  const said = text(audit.stderr);
  const waiting = `select from pg_stat_activity where application_name = 'trade operator' and wait_event_type = 'Lock'`;
  await until('it to wait', async () => (await client.query(waiting)).rowCount !== 0);
  audit.kill(signal);
  expect([await ended, await said]).toEqual([[status, null], '']);
  const there = `select from pg_stat_activity where application_name = 'trade operator' and state = 'active'`;
  await until('nothing to be left of it', async () => (await client.query(there)).rowCount === 0);
  await other.end();
});
