// A PostgreSQL server, for tests that need one of their own.
import { spawnSync } from 'node:child_process';
import { chownSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { findPostgres } from './find-postgres';
import { onAPort } from './free-port';
import { databaseAccount } from './server-account';
import { launch, type ServerProcess } from './server-process';
import { Scratch } from './server-scratch';

export interface PostgresServer {
  /** Of the database `postgres`, as superuser. */
  readonly url: string;
  readonly pid: number;
  readonly port: number;
  readonly dataDir: string;
  /** Ends it and removes the data if these helpers made them, unless told to keep them for a successor. */
  stop(options?: { keepData?: boolean }): Promise<void>;
  /** SIGKILL. The data stay for a successor on the same `dataDir`; `stop` of either removes them. */
  kill(): void;
}

export interface PostgresOptions {
  readonly port?: number;
  readonly dataDir?: string;
  /** More settings, such as `['log_statement=all']`. */
  readonly settings?: readonly string[];
}

const SETTINGS = [
  'listen_addresses=127.0.0.1',
  'unix_socket_directories=',
  'max_connections=300',
  'shared_buffers=64MB',
  // Killing the server loses nothing without fsync; only a power failure would.
  'fsync=off',
  // Files in the data directory: nothing stays in /dev/shm after a kill.
  'dynamic_shared_memory_type=mmap',
];

/** Starts a database server on 127.0.0.1 that trusts everyone, and waits until it answers. */
export async function startPostgres(options: PostgresOptions = {}): Promise<PostgresServer> {
  const bin = findPostgres();
  const account = databaseAccount();
  const scratch = Scratch.open('postgres', options.dataDir);
  const isFirst = scratch.server === undefined;
  const data = join(scratch.path, 'data');
  try {
    if (account !== undefined) chownSync(scratch.path, account.uid, account.gid);
    if (!existsSync(join(data, 'PG_VERSION'))) initialise(bin, data);
    const { server, port } = await onAPort(options.port, async (port) => {
      const settings = [...SETTINGS, `port=${port}`, ...(options.settings ?? [])];
      return launchWhenFree(scratch, {
        command: join(bin, 'postgres'),
        args: ['-D', data, ...settings.flatMap((setting) => ['-c', setting])],
        signals: ['SIGINT', 'SIGQUIT'],
        account,
        ready: (pid) => isReady(data, pid),
      });
    });
    return {
      url: `postgres://postgres@127.0.0.1:${port}/postgres`,
      pid: server.pid,
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

function initialise(bin: string, data: string): void {
  const args = ['-D', data, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--locale=C', '--no-sync'];
  const made = spawnSync(join(bin, 'initdb'), args, {
    cwd: join(data, '..'),
    encoding: 'utf8',
    ...databaseAccount(),
  });
  if (made.status !== 0) throw new Error(`initdb failed: ${made.stderr}`, { cause: made.error });
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
