import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type * as threads from 'node:worker_threads';
import { pino } from 'pino';
import { openDatabase, type Database } from '../../persistence/database';
import { openEmbedded } from '../../persistence/embedded';
import { copyEmbedded } from '../helpers/pglite-template';
import { until } from '../helpers/servers';

/** The threads that were started, so that one may be ended as a crash would. */
const mockThreads: threads.Worker[] = [];
jest.mock('node:worker_threads', () => {
  const real = jest.requireActual<typeof threads>('node:worker_threads');
  return {
    ...real,
    Worker: class extends real.Worker {
      constructor(...parameters: ConstructorParameters<typeof real.Worker>) {
        super(...parameters);
        mockThreads.push(this);
      }
    },
  };
});

const logger = pino({ level: 'silent' });
const open = (): Promise<Database> => openDatabase({ dataDir, applicationName: 'test', logger });

let dataDir: string;
beforeEach(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'test-data-'));
  await copyEmbedded(dataDir);
  mockThreads.length = 0;
}, 120_000);
afterEach(() => rmSync(dataDir, { recursive: true, force: true }));

const COUNT = { name: 'count', text: 'select count(*)::int as count from id_worker' };
const ADD = { name: 'add', text: 'insert into id_worker values ($1, now())' };

const countOf = async (database: Database): Promise<number | undefined> =>
  (await database.reader.query<{ count: number }>(COUNT, []))[0]?.count;

/** A process that writes row after row and tells of each, until it is killed. It runs what `npm run build` made. */
const WRITER = `
  const { openDatabase } = require('./dist/persistence/database');
  const { pino } = require('pino');
  const logger = pino({ level: 'silent' });
  openDatabase({ dataDir: process.argv[1], applicationName: 'writer', logger }).then(async (database) => {
    for (let row = 0; row < 1024; row += 1) {
      await database.reader.query(${JSON.stringify(ADD)}, [row]);
      process.stdout.write('.');
    }
  });
`;

async function startWriter(): Promise<{ child: ChildProcess; written: () => number }> {
  const child = spawn(process.execPath, ['-e', WRITER, dataDir], {
    cwd: join(__dirname, '..', '..'),
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let written = 0;
  child.stdout.on('data', (dots: Buffer) => (written += dots.length));
  await until('the first rows are written', () => written > 20, 60_000);
  return { child, written: () => written };
}

test('what was committed survives kill -9, and only the dead give up their folder', async () => {
  const { child, written } = await startWriter();
  await expect(open()).rejects.toThrow(`process ${child.pid} has ${dataDir} open`);
  const gone = once(child, 'exit');
  child.kill('SIGKILL');
  await gone;
  const database = await open();
  try {
    const count = (await countOf(database))!;
    expect(count).toBeGreaterThanOrEqual(written());
    await database.reader.query(ADD, [1_023]);
    expect(await countOf(database)).toBe(count + 1);
  } finally {
    await database.close();
  }
}, 120_000);

test('its thread is started anew when it ends, and sessions come back', async () => {
  const database = await open();
  try {
    const heard: string[] = [];
    const session = await database.openSession('test', {
      onReady: () => heard.push('ready'),
      onLost: () => heard.push('lost'),
    });
    await session.query(ADD, [1]);
    await mockThreads[0]!.terminate();
    await until('the session is back', () => heard.length === 3, 30_000);
    expect(heard).toEqual(['ready', 'lost', 'ready']);
    await session.query(ADD, [2]);
    expect(await countOf(database)).toBe(2);
  } finally {
    await database.close();
  }
}, 120_000);

test('nobody else can enter its socket, and nothing of it stays', async () => {
  const embedded = await openEmbedded(dataDir, () => undefined);
  const { host } = embedded.connection;
  if (process.platform !== 'win32') expect(statSync(host).mode & 0o777).toBe(0o700);
  await embedded.close();
  expect(() => statSync(host)).toThrow('ENOENT');
  expect(readdirSync(dataDir)).toEqual(['pglite']);
}, 60_000);
