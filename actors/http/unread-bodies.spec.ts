// The client is a process of its own: it sends while the server answers and closes.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { openHttpShop, type HttpShop } from '../../test/helpers/http-shop';

const BODY_BYTES = 3_000_000;

/** Sends a head and so many bytes, and tells what it hears, or the fault of its connection. */
const CLIENT = `
  const [port, head, bytes] = process.argv.slice(1);
  const socket = require('node:net').connect(Number(port), '127.0.0.1');
  let heard = '';
  socket.on('data', (chunk) => (heard += chunk));
  socket.on('error', (error) => (heard = error.code));
  socket.on('close', () => process.stdout.write(heard));
  socket.write(head);
  socket.write(Buffer.alloc(Number(bytes), ' '));`;

let shop: HttpShop;
afterEach(() => shop.close());

async function heard(head: string, bytes: number): Promise<string> {
  const lines = [head, 'host: shop', 'connection: close', `content-length: ${BODY_BYTES}`];
  const request = `${lines.join('\r\n')}\r\n\r\n`;
  const args = ['-e', CLIENT, String(shop.port), request, String(bytes)];
  return (await promisify(execFile)(process.execPath, args)).stdout;
}

test.each([
  ['that has none', 'GET /healthz HTTP/1.1', '200'],
  ['that is nowhere', 'POST /nowhere HTTP/1.1', '404'],
  ['that is refused for its token', 'POST /order HTTP/1.1\r\ncontent-type: application/json', '401'],
  ['that is too large', 'POST /login HTTP/1.1\r\ncontent-type: application/json', '413'],
])('the answer to a request with a large body %s arrives', async (_which, head, status) => {
  shop = await openHttpShop();
  for (let times = 0; times < 5; times += 1) {
    const [lines, body = ''] = (await heard(head, BODY_BYTES)).split('\r\n\r\n');
    expect(lines).toContain(`HTTP/1.1 ${status} `);
    expect(JSON.parse(body)).toMatchObject({ success: status === '200' });
  }
});

test('a body that does not come is not waited for without end', async () => {
  shop = await openHttpShop();
  expect(await heard('GET /healthz HTTP/1.1', 10)).toContain('HTTP/1.1 200 ');
});
