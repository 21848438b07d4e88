// A nats-server with JetStream, for tests that need one of their own.
import { randomUUID } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { greeting } from '../../transport/nats-greeting';
import { findNats } from './find-nats';
import { onAPort } from './free-port';
import { launch } from './server-process';
import { Scratch } from './server-scratch';

export interface NatsServer {
  readonly url: string;
  readonly pid: number;
  readonly port: number;
  readonly storeDir: string;
  /** Ends it and removes the store if these helpers made it, unless told to keep it for a successor. */
  stop(options?: { keepStore?: boolean }): Promise<void>;
  /** Takes another text of `config` without a restart. */
  reload(config: string): void;
  /** What it logged, over all servers on this `storeDir`. */
  logs(): string;
  /** SIGKILL. The store stays for a successor on the same `storeDir`; `stop` of either removes it. */
  kill(): void;
}

export interface NatsOptions {
  readonly port?: number;
  readonly storeDir?: string;
  /** More of nats-server's own arguments, such as `--user`. */
  readonly args?: readonly string[];
  /** The text of a configuration file. */
  readonly config?: string;
}

/** Starts a broker on 127.0.0.1 and waits until it answers. */
export async function startNats(options: NatsOptions = {}): Promise<NatsServer> {
  const command = findNats();
  const scratch = Scratch.open('nats', options.storeDir);
  const isFirst = scratch.server === undefined;
  const configFile = join(scratch.path, 'server.conf');
  // A reload forgets what only the command line said.
  const configure = (name: string, port: number, more = '') => {
    const lines = [
      `server_name: ${name}`,
      `listen: "127.0.0.1:${port}"`,
      `jetstream { store_dir: "${scratch.path}" }`,
    ];
    writeFileSync(configFile, [...lines, more].join('\n'));
  };
  const name = `test-${randomUUID()}`;
  try {
    const { server, port } = await onAPort(options.port, async (port) => {
      configure(name, port, options.config);
      const ready = async () => {
        const info = await greeting('127.0.0.1', port);
        return info.server_name === name && info.jetstream === true;
      };
      return launch(scratch, {
        command,
        args: ['-c', configFile, ...(options.args ?? [])],
        signals: ['SIGTERM'],
        ready,
      });
    });
    return {
      url: `nats://127.0.0.1:${port}`,
      pid: server.pid,
      port,
      storeDir: scratch.path,
      reload: (config) => {
        configure(name, port, config);
        process.kill(server.pid, 'SIGHUP');
      },
      logs: () => readFileSync(scratch.log, 'utf8'),
      kill: () => server.kill(),
      stop: async ({ keepStore = false } = {}) => {
        await server.stop();
        if (!keepStore && scratch.server?.running() !== true) scratch.release();
      },
    };
  } catch (error) {
    if (isFirst) scratch.release();
    throw error;
  }
}
