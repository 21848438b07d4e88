import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { openHttpShop, type HttpShop } from '../../test/helpers/http-shop';
import { until } from '../../test/helpers/until';

const LARGE = '/docs/static/swagger-ui-bundle.js';
/** Together more than the system keeps for a connection. */
const TIMES = 20;

let shop: HttpShop;
const sockets: Socket[] = [];
beforeAll(async () => {
  shop = await openHttpShop({ readWithinMs: 400 });
});
afterAll(async () => {
  for (const socket of sockets) socket.destroy();
  await shop.close();
});

/** Asks for a large file again and again, and reads nothing as yet. */
async function asking(): Promise<Socket> {
  const socket = connect(shop.port, '127.0.0.1').pause();
  sockets.push(socket);
  await once(socket, 'connect');
  const head = (connection: string) =>
    `GET ${LARGE} HTTP/1.1\r\nhost: shop\r\nconnection: ${connection}\r\n\r\n`;
  socket.write(head('keep-alive').repeat(TIMES - 1) + head('close'));
  return socket;
}

const connections = (): Promise<number> =>
  new Promise((resolve, reject) => {
    shop.server.server.getConnections((error, count) => (error ? reject(error) : resolve(count)));
  });

test('whoever does not read what was asked for is cut off', async () => {
  const silent = await Promise.all(Array.from({ length: 5 }, asking));
  await until('the server to have them', async () => (await connections()) === silent.length);
  await until('the server to have them no more', async () => (await connections()) === 0);
});

test('whoever reads slowly gets all of it', async () => {
  const length = Number((await shop.ask('HEAD', LARGE)).headers.get('content-length'));
  const socket = await asking();
  let read = 0;
  for await (const chunk of socket) {
    read += (chunk as Buffer).length;
    await pause(10);
  }
  expect(read).toBeGreaterThan(length * TIMES);
});
