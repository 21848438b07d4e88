import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { envelopeOf, isBusy, isUntrue } from './answer';
import { PATIENT, ShopClient, type ClientOptions } from './shop-client';

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

const servers: Server[] = [];
const clients: ShopClient[] = [];

afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.close()));
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});

async function node(handler: Handler): Promise<string> {
  const server = createServer((request, response) => {
    if (request.url === '/healthz') response.end('ok');
    else handler(request, response);
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** An address that refuses. */
async function nobody(): Promise<string> {
  const url = await node(() => undefined);
  const server = servers.pop();
  await new Promise((resolve) => server?.close(resolve));
  return url;
}

function clientOf(urls: readonly string[], options: Partial<ClientOptions> = {}): ShopClient {
  const client = new ShopClient({ ...PATIENT, urls, ...options });
  clients.push(client);
  return client;
}

const envelope = (success: boolean, code: number): string =>
  JSON.stringify({ success, code, message: '', data: { orderId: '1' } });

const wellWith =
  (keys: unknown[] = []): Handler =>
  (request, response) => {
    keys.push(request.headers['idempotency-key']);
    response.end(envelope(true, 1));
  };

const ORDER = { method: 'POST', path: '/order', body: {}, headers: { 'idempotency-key': 'one' } } as const;

it.each([
  ['refuses', () => nobody()],
  ['breaks the connection before it answers', () => node(({ socket }) => socket.destroy())],
  ['is silent', () => node(() => undefined)],
])('goes to the next node, with the same key, when one %s', async (_, bad) => {
  const keys: unknown[] = [];
  const [wrong, right] = [await bad(), await node(wellWith(keys))];
  const client = clientOf([wrong, right], { attemptMs: 1_000 });
  for (let order = 0; order < 2; order += 1) {
    expect(await client.send(ORDER)).toMatchObject({ status: 200, success: true, node: right });
  }
  expect(keys).toEqual(['one', 'one']);
});

it('goes away without an answer if it may not ask again', async () => {
  const client = clientOf([await nobody(), await node(wellWith())], { resends: false });
  const answers = [await client.send(ORDER), await client.send(ORDER)];
  expect(answers.map(({ status }) => status).sort()).toEqual([0, 200]);
});

it('gives up at its deadline, and says why', async () => {
  const client = clientOf([await nobody()], { deadlineMs: 300 });
  const answer = await client.send(ORDER);
  expect(answer).toMatchObject({ status: 0, message: expect.stringContaining('ECONNREFUSED') as string });
  expect(answer.sent).toBeGreaterThan(1);
});

it('reads the null of a refusal as no data', () => {
  const refusal = '{"success":false,"code":10005,"message":"no","data":null}';
  expect(envelopeOf(refusal)).toEqual({ success: false, code: 10005, message: 'no', data: {} });
});

it('asks again when a node was busy, unless it is told not to', async () => {
  let asked = 0;
  const url = await node((_request, response) => {
    asked += 1;
    if (asked % 2 === 1) response.writeHead(503, { 'retry-after': '0' }).end(envelope(false, 80003));
    else response.end(envelope(true, 1));
  });
  expect(await clientOf([url]).send(ORDER)).toMatchObject({ status: 200, sent: 2 });
  const answer = await clientOf([url], { retriesBusy: false }).send(ORDER);
  expect([answer.status, isBusy(answer), isUntrue(answer)]).toEqual([503, true, false]);
});

it('takes half an envelope for what it is', async () => {
  const url = await node((_request, response) => response.end('{"success":tr'));
  const answer = await clientOf([url]).send(ORDER);
  expect([answer.code, isUntrue(answer)]).toEqual([NaN, true]);
});

it.each([
  ['an internal failure', 500, envelope(false, 0), true],
  ['something that is no answer of ours', 502, 'Bad Gateway', true],
  ['a refusal', 409, envelope(false, 20003), false],
  ['busy', 503, envelope(false, 80003), false],
  ['pending', 202, envelope(false, 10007), false],
  ['nobody', 0, '', false],
])('knows what may never be said: %s', (_, status, text, isLie) => {
  const code = text.startsWith('{') ? (JSON.parse(text) as { code: number }).code : NaN;
  const answer = { status, code, text, success: false, message: '', data: {}, node: '', sent: 1 };
  expect(isUntrue(answer)).toBe(isLie);
});

it('takes the literal of a callback for an answer only where one is due', () => {
  const answer = { status: 200, code: NaN, text: 'success', success: false, message: '', data: {} };
  expect(isUntrue({ ...answer, node: '', sent: 1 }, true)).toBe(false);
  expect(isUntrue({ ...answer, node: '', sent: 1 })).toBe(true);
});
