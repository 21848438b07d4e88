import { createServer, type AddressInfo, type Server } from 'node:net';
import { exchange } from './exchange';

let server: Server | undefined;
afterEach(() => new Promise((resolve) => (server ? server.close(resolve) : resolve(undefined))));

/** Asks a server that answers so, whatever it hears, and closes. */
async function answered(bytes: string) {
  const answering = createServer((socket) => socket.end(bytes).resume());
  server = answering;
  await new Promise<void>((resolve) => answering.listen(0, '127.0.0.1', resolve));
  return exchange((answering.address() as AddressInfo).port, Buffer.from('?'), true, 5_000);
}

test.each([
  ['whole', 'content-length: 5', 'whole', false],
  ['cut off', 'content-length: 50', 'whole', true],
  ['of a length that is not told', 'connection: close', 'whole', false],
])('an answer that is %s', async (_which, line, body, isCut) => {
  expect(await answered(`HTTP/1.1 200 OK\r\n${line}\r\n\r\n${body}`)).toMatchObject({
    status: 200,
    body,
    isCut,
    fault: undefined,
  });
});

test('no answer', async () => {
  expect(await answered('')).toMatchObject({ status: undefined, isCut: false, fault: 'closed' });
});
