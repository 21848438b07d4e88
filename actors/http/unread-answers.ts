// Whoever asks and never reads holds a connection, and the memory of its answers, for as long as it likes: no other bound
// of the server looks at answers that are on their way.
import type { Socket } from 'node:net';
import type { HttpServer } from './routes';

/** How long nothing of an answer may be taken. */
const READ_WITHIN_MS = 30_000;

/** Closes connections whose client takes nothing of its answers for so long; one that reads slowly goes on. */
export function cutOffWhoDoesNotRead(server: HttpServer, withinMs = READ_WITHIN_MS): void {
  const sockets = new Set<Socket>();
  server.server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  // Nearly every answer has left by the time that somebody looks, so requests pay nothing for it. The socket's own timer
  // sees whether anything is taken, and Node sets it anew when the answer has left.
  const look = setInterval(() => {
    for (const socket of sockets) {
      if (socket.writableLength > 0 && socket.timeout !== withinMs) socket.setTimeout(withinMs);
    }
  }, withinMs / 2);
  look.unref();
  server.addHook('onClose', (_server, done) => {
    clearInterval(look);
    done();
  });
}
