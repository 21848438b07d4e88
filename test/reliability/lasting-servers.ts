// Servers that go and come back on the same port, as machines do: with what they had on their disk, or without it.
import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { natsClusterOptions } from '../helpers/nats-cluster';
import { startNats, startPostgres, type NatsOptions } from '../helpers/servers';

export interface LastingServer {
  readonly name: string;
  readonly url: string;
  readonly port: number;
  /** As for a restart: what is under way is broken off, what is committed stays. */
  halt(): Promise<void>;
  /** SIGKILL, to all processes of it. */
  kill(): Promise<void>;
  /** Comes back after halt or kill. */
  start(): Promise<void>;
  /** Between kill and start: what it had is gone. */
  loseDisk(): void;
  /** Ends it and takes away its folder. */
  stop(): Promise<void>;
}

/** @param settings more than those of a trial */
export async function lastingPostgres(settings: readonly string[]): Promise<LastingServer> {
  let server = await startPostgres({ settings });
  const { port, dataDir, url } = server;
  return {
    name: 'PostgreSQL',
    url,
    port,
    halt: () => server.stop({ keepData: true }),
    kill: async () => {
      const children = childrenOf(server.pid);
      server.kill();
      for (const pid of children) killIfThere(pid);
      await server.exited;
    },
    start: async () => {
      server = await startPostgres({ settings, port, dataDir });
    },
    loseDisk: () => {
      throw new Error('PostgreSQL is the truth');
    },
    stop: () => server.stop(),
  };
}

/** @returns one server, or three that form a cluster */
export async function lastingNats(servers: 1 | 3): Promise<readonly LastingServer[]> {
  const options = servers === 1 ? [{ name: 'nats-1' }] : await natsClusterOptions(servers);
  return Promise.all(options.map(lastingBroker));
}

async function lastingBroker(options: NatsOptions): Promise<LastingServer> {
  let server = await startNats(options);
  const { port, storeDir, url } = server;
  return {
    name: options.name ?? '',
    url,
    port,
    halt: () => server.stop({ keepStore: true }),
    kill: async () => {
      server.kill();
      await server.exited;
    },
    start: async () => {
      server = await startNats({ ...options, port, storeDir });
    },
    loseDisk: () => rmSync(join(storeDir, 'jetstream'), { recursive: true, force: true }),
    stop: () => server.stop(),
  };
}

function childrenOf(parent: number): readonly number[] {
  const { stdout } = spawnSync('ps', ['-A', '-o', 'pid=,ppid='], { encoding: 'utf8' });
  const processes = stdout.split('\n').map((line) => line.trim().split(/\s+/).map(Number));
  return processes.flatMap(([pid, of]) => (pid !== undefined && of === parent ? [pid] : []));
}

function killIfThere(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has followed its parent.
  }
}
