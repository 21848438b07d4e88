// An answer that overtakes the body of its request may be lost: a connection that is closed while bytes lie there unread is
// reset, and with it goes what the client has not read yet. So what nobody reads is read first, for a while.
import type { HttpServer } from './routes';

/** Whoever sends for longer may lose the answer. */
const LINGER_MS = 1_000;

/** Lets the bodies that requests were answered without (of GETs, of refusals) arrive before their answers leave. */
export function readUnreadBodies(server: HttpServer): void {
  server.addHook('onSend', ({ raw }, _reply, payload, done) => {
    // Whoever has gone sends nothing more.
    if (raw.complete || raw.destroyed) return done(null, payload);
    const answer = (): void => {
      clearTimeout(timer);
      raw.off('end', answer).off('close', answer);
      done(null, payload);
    };
    const timer = setTimeout(answer, LINGER_MS);
    raw.once('end', answer).once('close', answer).resume();
  });
}
