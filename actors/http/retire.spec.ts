// A node that leaves fails nobody: what comes on open connections is answered, and told to come elsewhere next time.
import { connect, type Socket } from 'node:net';
import type { FrontReply } from '../domain/front-door';
import { openHttpShop, type HttpShop } from '../../test/helpers/http-shop';
import { until } from '../../test/helpers/until';
import { retire } from './retire';

let shop: HttpShop;
const clients: Client[] = [];
beforeEach(async () => (shop = await openHttpShop()));
afterEach(async () => {
  for (const { socket } of clients.splice(0)) socket.destroy();
  await shop.close();
});

interface Client {
  readonly socket: Socket;
  readonly said: () => string;
  readonly isClosed: () => boolean;
  ask(path: string): void;
}

/** A client that keeps its connection until the server ends it. */
async function open(): Promise<Client> {
  const socket = connect(shop.port, '127.0.0.1');
  let said = '';
  let closed = false;
  socket.setEncoding('utf8').on('data', (text: string) => (said += text));
  socket.on('error', () => undefined).on('close', () => (closed = true));
  await new Promise<void>((resolve) => socket.once('connect', resolve));
  const ask = (path: string): void =>
    void socket.write(`GET ${path} HTTP/1.1\r\nHost: shop\r\nConnection: keep-alive\r\n\r\n`);
  const client = { socket, said: () => said, isClosed: () => closed, ask };
  clients.push(client);
  return client;
}

const answersOf = (client: Client, status: number): number =>
  client.said().split(`HTTP/1.1 ${status} `).length - 1;

/** A connection that was used before and is kept. */
async function openAndAsk(): Promise<Client> {
  const client = await open();
  client.ask('/healthz');
  await until('the first answer', () => client.said().includes('"alive":true'));
  expect(client.said()).toMatch(/connection: keep-alive/i);
  return client;
}

const refusal = (): Promise<string | undefined> =>
  new Promise((resolve) => {
    const socket = connect(shop.port, '127.0.0.1');
    socket.on('error', (error: NodeJS.ErrnoException) => resolve(error.code));
    socket.on('connect', () => {
      socket.destroy();
      resolve(undefined);
    });
  });

/** A request that is under way until the test ends it. */
async function askSlowly(client: Client): Promise<() => void> {
  let open: (reply: FrontReply) => void = () => undefined;
  const asked = new Promise<void>((resolve) => {
    shop.scripts['goods.find'] = () => {
      resolve();
      return new Promise<FrontReply>((reply) => (open = reply));
    };
  });
  client.ask('/goods/1');
  await asked;
  return () => open({ code: 'SHOP_SUCCESS' });
}

test('what comes on open connections is answered, and is the last on them', async () => {
  const client = await openAndAsk();
  const retiring = retire(shop.server, 10_000);
  client.ask('/healthz');
  await retiring;
  await until('the connection to be closed', client.isClosed);
  expect(answersOf(client, 200)).toBe(2);
  expect(client.said()).toMatch(/connection: close/i);
});

test('a connection that was made and has not spoken yet is answered too', async () => {
  const client = await open();
  await until('the server to know of it', async () => {
    const count = await new Promise((resolve) => {
      shop.server.server.getConnections((_error, connections) => resolve(connections));
    });
    return count === 1;
  });
  const retiring = retire(shop.server, 10_000);
  client.ask('/healthz');
  await retiring;
  await until('the connection to be closed', client.isClosed);
  expect(answersOf(client, 200)).toBe(1);
});

test('new connections are refused while what is under way is waited for', async () => {
  const client = await open();
  const finish = await askSlowly(client);
  let isOver = false;
  const retiring = retire(shop.server, 10_000).then(() => (isOver = true));
  expect(await refusal()).toBe('ECONNREFUSED');
  expect(isOver).toBe(false);
  finish();
  await retiring;
  await until('the connection to be closed', client.isClosed);
  expect(answersOf(client, 200)).toBe(1);
});

test('connections that nothing comes on are closed', async () => {
  const client = await openAndAsk();
  await retire(shop.server, 10_000);
  await until('the connection to be closed', client.isClosed);
});

test('a request that never ends is not waited for longer than it may', async () => {
  const client = await open();
  const finish = await askSlowly(client);
  await retire(shop.server, 50);
  expect(client.isClosed()).toBe(false);
  finish();
});

test('the server can be closed after it, and it does nothing to one that does not listen', async () => {
  await openAndAsk();
  await retire(shop.server, 10_000);
  await shop.close();
  await retire(shop.server, 10_000);
  expect(await refusal()).toBe('ECONNREFUSED');
});
