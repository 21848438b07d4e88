// A PostgreSQL server of our own, on this machine only.
import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chownSync, existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { findPostgres } from './find-postgres';
import { onAPort } from './free-port';
import { databaseAccount, type Account } from './account';
import { launch, type ServerProcess } from './launch';
import { Scratch } from './scratch';

export interface PostgresServer {
  /** Of the database `postgres`, as superuser. */
  readonly url: string;
  readonly pid: number;
  readonly exited: Promise<string>;
  readonly port: number;
  readonly dataDir: string;
  /** Ends it and removes the data if they were made here, unless told to keep them for a successor. */
  stop(options?: { keepData?: boolean }): Promise<void>;
  /** SIGKILL. The data stay for a successor on the same `dataDir`; `stop` of either removes them. */
  kill(): void;
}

export interface PostgresOptions {
  /** The folder of the programs; looked for if it is not named. */
  readonly bin?: string | undefined;
  readonly port?: number;
  readonly dataDir?: string;
  /** More settings, such as `['log_statement=all']`. */
  readonly settings?: readonly string[];
  /** Faster, without a password, and a power failure may lose everything: for data that nobody needs. */
  readonly forTrial?: boolean;
}

const SETTINGS: readonly string[] = [
  'listen_addresses=127.0.0.1',
  'unix_socket_directories=',
  'max_connections=300',
  'shared_buffers=64MB',
  // Files in the data directory: nothing stays in /dev/shm after a kill.
  'dynamic_shared_memory_type=mmap',
];

/** Killing the server loses nothing without fsync; only a power failure would. */
const TRIAL_SETTINGS: readonly string[] = ['fsync=off'];

/** Starts a database server on 127.0.0.1 and waits until it answers. */
export async function startPostgres(options: PostgresOptions = {}): Promise<PostgresServer> {
  const { bin = findPostgres(), forTrial = false } = options;
  const account = databaseAccount();
  const scratch = Scratch.open('postgres', options.dataDir);
  const isFirst = scratch.server === undefined;
  const data = join(scratch.path, 'data');
  try {
    own(scratch.path, account);
    const password = forTrial ? undefined : keptPassword(scratch.path, account);
    if (!existsSync(data)) initialise(bin, data, password);
    const { server, port } = await onAPort(options.port, async (port) => {
      const trial = forTrial ? TRIAL_SETTINGS : [];
      const settings = [...SETTINGS, ...trial, `port=${port}`, ...(options.settings ?? [])];
      return launchWhenFree(scratch, {
        command: join(bin, 'postgres'),
        args: ['-D', data, ...settings.flatMap((setting) => ['-c', setting])],
        signals: ['SIGINT', 'SIGQUIT'],
        account,
        ready: (pid) => isReady(data, pid),
      });
    });
    return {
      url: `postgres://postgres${password ? `:${password.text}` : ''}@127.0.0.1:${port}/postgres`,
      pid: server.pid,
      exited: server.exited,
      port,
      dataDir: scratch.path,
      kill: () => server.kill(),
      stop: async ({ keepData = false } = {}) => {
        await server.stop();
        if (keepData || scratch.server?.running() === true) return;
        removeSharedMemory(data);
        scratch.release();
      },
    };
  } catch (error) {
    if (isFirst) scratch.release();
    throw error;
  }
}

interface Password {
  readonly text: string;
  readonly path: string;
}

/** Whoever else uses the machine could run programs through an open superuser. */
function keptPassword(folder: string, account: Account | undefined): Password {
  const path = join(folder, 'password');
  if (!existsSync(path)) writeFileSync(path, randomBytes(24).toString('base64url'), { mode: 0o600 });
  own(path, account);
  return { text: readFileSync(path, 'utf8'), path };
}

function own(path: string, account: Account | undefined): void {
  if (account !== undefined) chownSync(path, account.uid, account.gid);
}

/** The data appear whole or not at all, so that being killed here leaves nothing half made. */
function initialise(bin: string, data: string, password: Password | undefined): void {
  const draft = `${data}.making`;
  rmSync(draft, { recursive: true, force: true });
  const access = password
    ? ['-A', 'scram-sha-256', `--pwfile=${password.path}`]
    : ['-A', 'trust', '--no-sync'];
  const args = ['-D', draft, '-U', 'postgres', '-E', 'UTF8', '--locale=C', ...access];
  const made = spawnSync(join(bin, 'initdb'), args, {
    cwd: join(data, '..'),
    encoding: 'utf8',
    ...databaseAccount(),
  });
  if (made.status !== 0) throw new Error(`initdb failed: ${made.stderr}`, { cause: made.error });
  renameSync(draft, data);
}

/** After a kill the server's own children take a moment to notice, and until then no successor may start. */
async function launchWhenFree(scratch: Scratch, how: Parameters<typeof launch>[1]): Promise<ServerProcess> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await launch(scratch, how);
    } catch (error) {
      if (attempt === 20 || !/pre-existing shared memory block/.test(String(error))) throw error;
    }
  }
}

/** The server writes its state into line 8 of its pid file; a killed predecessor's file has another pid. */
function isReady(data: string, pid: number): boolean {
  const lines = pidFile(data);
  return lines[0] === String(pid) && lines[7] === 'ready';
}

/** A killed server leaves its small System V segment, whose id is in line 7 of the pid file it also leaves. */
function removeSharedMemory(data: string): void {
  const id = pidFile(data)[6]?.split(/\s+/)[1];
  if (id !== undefined) spawnSync('ipcrm', ['-m', id]);
}

function pidFile(data: string): string[] {
  const path = join(data, 'postmaster.pid');
  if (!existsSync(path)) return [];
  return readFileSync(path, 'utf8')
    .split('\n')
    .map((line) => line.trim());
}
