// A nats-server with JetStream of our own, on this machine only.
import { randomUUID } from 'node:crypto';
import { createConnection } from 'node:net';
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
  /** Its whole environment, which a configuration file may read; ours, if none is given. */
  readonly env?: Readonly<Record<string, string | undefined>>;
}

/** Starts a broker on 127.0.0.1 and waits until it answers. */
export async function startNats(options: NatsOptions = {}): Promise<NatsServer> {
  const { command = findNats(), name = `trade-${randomUUID()}` } = options;
  const scratch = Scratch.open('nats', options.storeDir);
  const isFirst = scratch.server === undefined;
  try {
    const { server, port } = await onAPort(options.port, async (port) => {
      const args = ['-a', '127.0.0.1', '-p', String(port), '-n', name, '-js', '-sd', scratch.path];
      const ready = async () => {
        const info = await greeting(port);
        return info.server_name === name && info.jetstream === true;
      };
      return launch(scratch, {
        command,
        args: [...args, ...(options.args ?? [])],
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

interface Greeting {
  readonly server_name?: string;
  readonly jetstream?: boolean;
}

/** The first line that a nats-server says, before any authentication. */
function greeting(port: number): Promise<Greeting> {
  return new Promise((resolve, reject) => {
    const socket = createConnection({ host: '127.0.0.1', port, timeout: 2_000 });
    let heard = '';
    const fail = (error?: Error) => {
      socket.destroy();
      reject(error ?? new Error(`Nothing was heard on port ${port}`));
    };
    socket.on('data', (chunk) => {
      heard += chunk.toString();
      if (!heard.includes('\n')) return;
      socket.destroy();
      const line = heard.slice(heard.indexOf('{'), heard.indexOf('\n'));
      try {
        resolve(JSON.parse(line) as Greeting);
      } catch (error) {
        reject(new Error(`Port ${port} does not speak as a nats-server: ${line}`, { cause: error }));
      }
    });
    socket.once('error', fail);
    socket.once('timeout', () => fail());
    socket.once('close', () => fail());
  });
}
