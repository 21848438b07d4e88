import { once } from 'node:events';
import { createConnection, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { startProxy, type Proxy } from './proxy';
import { until } from './until';

let echo: Server;
let proxy: Proxy;
let socket: Socket;
let heard = '';

beforeEach(async () => {
  echo = createServer({ allowHalfOpen: true }, (near) => near.on('error', () => near.destroy()).pipe(near));
  echo.listen(0, '127.0.0.1');
  await once(echo, 'listening');
  proxy = await startProxy((echo.address() as AddressInfo).port);
  socket = createConnection({ host: '127.0.0.1', port: proxy.port, allowHalfOpen: true });
  heard = '';
  socket.on('data', (bytes) => (heard += bytes.toString()));
  await once(socket, 'connect');
});

afterEach(async () => {
  socket.destroy();
  await proxy.stop();
  echo.close();
});

const hears = (text: string): Promise<void> => until(`'${text}' to come back`, () => heard === text);

it('keeps bytes in order, and the end behind them, however the delay changes', async () => {
  const ended = once(socket, 'end');
  proxy.delay(200);
  socket.write('1');
  // Time for the byte to be on its way, and less than it takes.
  await pause(50);
  proxy.delay(0);
  socket.write('2');
  socket.end('3');
  await ended;
  expect(heard).toBe('123');
});

it('delivers what waited when it is mended', async () => {
  proxy.delay(20);
  socket.write('a');
  await new Promise(setImmediate);
  proxy.cut();
  socket.write('b');
  // Longer than the delay, so that whatever was not stopped would have come.
  await pause(100);
  expect(heard).toBe('');
  proxy.mend();
  await hears('ab');
});

it('breaks connections so that it is heard, and takes new ones', async () => {
  const broken = once(socket, 'error');
  proxy.reset();
  expect(String(await broken)).toMatch(/ECONNRESET/);
  socket = createConnection({ host: '127.0.0.1', port: proxy.port });
  socket.on('data', (bytes) => (heard += bytes.toString()));
  socket.write('again');
  await hears('again');
});
