// What is bounded at the HTTP door beside the requests under way: connections, and what operators ask for past the
// bridge. Past a bound the answer is SHOP_BUSY with Retry-After, as long as there is a connection to give it on.
import type { Socket } from 'node:net';
import type { Admission } from '../front-door/admission';
import { send } from './envelope';
import type { HttpServer } from './routes';

/**
 * Serves so many connections. On one that comes later every request is refused, and it is closed; of those too there
 * are no more than as many again, and further ones are closed unread. Whether the process lives is told to all.
 */
export function boundConnections(server: HttpServer, most: number, onBusy: () => void): void {
  const late = new Set<Socket>();
  let open = 0;
  server.server.maxConnections = 2 * most;
  server.server.on('drop', onBusy);
  server.server.on('connection', (socket: Socket) => {
    open += 1;
    if (open > most) late.add(socket);
    socket.once('close', () => {
      open -= 1;
      late.delete(socket);
    });
  });
  server.addHook('onRequest', (request, reply, done) => {
    if (late.size === 0 || !late.has(request.raw.socket) || request.url === '/healthz') return done();
    onBusy();
    void reply.header('connection', 'close');
    send(reply, { code: 'SHOP_BUSY' });
  });
}

/** Lets in so many requests of operators at once. */
export function boundOperators(server: HttpServer, admission: Admission<'operators'>): void {
  server.addHook('onRequest', (_request, reply, done) => {
    if (!admission.enter('operators')) return void send(reply, { code: 'SHOP_BUSY' });
    reply.raw.once('close', () => admission.leave('operators'));
    done();
  });
}
