// Ports for servers of our own.
import { createServer } from 'node:net';

const FIRST = 15_000;
const COUNT = 15_000;

/**
 * A port on 127.0.0.1 that nothing listens on. It lies below the range that systems give to outgoing
 * connections: one of those could otherwise take it, or a reconnecting client could meet itself on it.
 */
export async function freePort(): Promise<number> {
  for (let attempt = 0; attempt < 100; attempt += 1) {
    const port = FIRST + Math.floor(Math.random() * COUNT);
    if (await isFree(port)) return port;
  }
  throw new Error(`No free port from ${FIRST} on`);
}

/** The first so many ports of an address, from a given one on, that nothing listens on. @throws Error if there are none */
export async function freePortsFrom(host: string, first: number, count: number): Promise<number[]> {
  const found: number[] = [];
  for (let port = first; found.length < count; port += 1) {
    if (port > 65_535) throw new Error(`no ${count} free ports from ${first} on`);
    if (await isFree(port, host)) found.push(port);
  }
  return found;
}

/** Another server may take a free port before ours does: then try another, unless the port was asked for. */
export async function onAPort<Server>(
  asked: number | undefined,
  start: (port: number) => Promise<Server>,
): Promise<{ server: Server; port: number }> {
  for (let attempt = 1; ; attempt += 1) {
    const port = asked ?? (await freePort());
    try {
      return { server: await start(port), port };
    } catch (error) {
      const taken = /address already in use/i.test(String(error));
      if (!taken || asked !== undefined || attempt === 5) throw error;
    }
  }
}

function isFree(port: number, host = '127.0.0.1'): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(false));
    probe.listen(port, host, () => probe.close(() => resolve(true)));
  });
}
