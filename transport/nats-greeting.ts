// The first line that a nats-server says to whoever connects, before any authentication and any TLS.
import { createConnection } from 'node:net';

export interface Greeting {
  readonly server_name?: string;
  readonly jetstream?: boolean;
  /** Whether clients need a certificate of their own. */
  readonly tls_verify?: boolean;
}

const WITHIN_MS = 2_000;

/** @throws Error if nothing, or something else, answers there within two seconds */
export function greeting(host: string, port: number): Promise<Greeting> {
  return new Promise((resolve, reject) => {
    const socket = createConnection({ host, port, timeout: WITHIN_MS });
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
