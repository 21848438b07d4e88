// A nats-server with JetStream of our own, on this machine only.
import { randomUUID } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { greeting } from '../../transport/nats-greeting';
import { findNats } from './find-nats';
import { onAPort } from './free-port';
import { launch } from './launch';
import { Scratch } from './scratch';

export interface NatsServer {
  readonly url: string;
  readonly pid: number;
  readonly exited: Promise<string>;
  readonly port: number;
  readonly storeDir: string;
  /** Ends it and removes the store if it was made here, unless told to keep it for a successor. */
  stop(options?: { keepStore?: boolean }): Promise<void>;
  /** Takes another text of `config` without a restart. */
  reload(config: string): void;
  /** What it logged, over all servers on this `storeDir`. */
  logs(): string;
  /** SIGKILL. The store stays for a successor on the same `storeDir`; `stop` of either removes it. */
  kill(): void;
}

export interface NatsOptions {
  /** The program; looked for if it is not named. */
  readonly command?: string | undefined;
  /** Unique in a cluster, and the same at each start. */
  readonly name?: string;
  readonly port?: number;
  readonly storeDir?: string;
  /** More of nats-server's own arguments, such as `--user`. */
  readonly args?: readonly string[];
  /** More of its configuration file. */
  readonly config?: string;
  /** Its whole environment, which a configuration file may read; ours, if none is given. */
  readonly env?: Readonly<Record<string, string | undefined>>;
}

/** Starts a broker on 127.0.0.1 and waits until it answers. */
export async function startNats(options: NatsOptions = {}): Promise<NatsServer> {
  const { command = findNats(), name = `trade-${randomUUID()}` } = options;
  const scratch = Scratch.open('nats', options.storeDir);
  const isFirst = scratch.server === undefined;
  const configFile = join(scratch.path, 'server.conf');
  // All of it in the file: a reload forgets what only the command line said.
  const configure = (port: number, more = ''): void => {
    const lines = [
      `server_name: ${name}`,
      `listen: "127.0.0.1:${port}"`,
      `jetstream { store_dir: "${scratch.path}" }`,
    ];
    writeFileSync(configFile, [...lines, more].join('\n'));
  };
  try {
    const { server, port } = await onAPort(options.port, async (port) => {
      configure(port, options.config);
      const ready = async () => {
        const info = await greeting('127.0.0.1', port);
        return info.server_name === name && info.jetstream === true;
      };
      return launch(scratch, {
        command,
        args: ['-c', configFile, ...(options.args ?? [])],
        signals: ['SIGTERM'],
        ...(options.env === undefined ? {} : { env: options.env }),
        ready,
      });
    });
    return {
      url: `nats://127.0.0.1:${port}`,
      pid: server.pid,
      exited: server.exited,
      port,
      storeDir: scratch.path,
      reload: (config) => {
        configure(port, config);
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
