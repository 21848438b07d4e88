// How a node leaves without failing anyone: it says so on every answer, then takes no new connections, and only
// then closes what is left. A client whose connection is refused goes to another node.
import { Server } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import type { HttpServer } from './routes';

/** Connections that nothing comes on any more are closed after this long. */
const LINGER_MS = 500;
const LOOK_EVERY_MS = 20;

/**
 * Stops listening, and waits until the connections are gone: what comes on them until then is still answered. The
 * server's own `close` would answer that with 503.
 * @param withinMs how long to wait at most
 */
export async function retire(server: HttpServer, withinMs: number): Promise<void> {
  const { server: listener } = server;
  if (!listener.listening) return;
  // Not the HTTP server's close, which cuts connections off that were made and have not spoken yet.
  Server.prototype.close.call(listener);
  const begun = performance.now();
  while ((await connectionsOf(listener)) > 0) {
    const passedMs = performance.now() - begun;
    if (passedMs > withinMs) return;
    if (passedMs > LINGER_MS) listener.closeIdleConnections();
    await pause(LOOK_EVERY_MS);
  }
}

const connectionsOf = (listener: Server): Promise<number> =>
  new Promise((resolve, reject) => {
    listener.getConnections((error, count) => {
      if (error) reject(error);
      else resolve(count);
    });
  });
