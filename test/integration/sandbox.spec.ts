// The sandbox platform and the gateway to it, over real HTTP, with a shop that answers as it is told to.
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import pino from 'pino';
import { RetryableError, TerminalError } from '../../actors/domain/errors';
import { id, type OrderId, type PayId } from '../../actors/domain/ids';
import { money } from '../../actors/domain/money';
import type { GatewayNotice } from '../../actors/domain/ports/payment-gateway';
import { startSandbox, type Sandbox } from '../../bin/sandbox/server';
import { createSandboxGateway } from '../../transport/gateways/sandbox';
import { freePort, until } from '../helpers/servers';

const PAY = id<PayId>('345959443973935104');
const ORDER = id<OrderId>('345959443973935105');
const DUE = money('4780.00');

/** A callback as the shop got it, and what it made of it. */
interface Heard {
  readonly url: string;
  readonly body: string;
  readonly type: string | undefined;
  readonly notice: GatewayNotice | undefined;
}

let folder: string;
let shop: Server;
let shopUrl: string;
let heard: Heard[];
/** The shop's answer to the nth callback (from 1). */
let answer: (nth: number) => { status: number; body: string };
let sandbox: Sandbox | undefined;
let gateway: ReturnType<typeof createSandboxGateway>;

const SUCCESS = { status: 200, body: 'success' };

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sandbox-'));
  heard = [];
  answer = () => SUCCESS;
  shop = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (chunk: string) => (body += chunk));
    request.on('end', () => void answerSigned());
    const answerSigned = async (): Promise<void> => {
      const signature = request.headers['x-signature'];
      const notice = await gateway.verify(
        Buffer.from(body),
        typeof signature === 'string' ? signature : undefined,
      );
      heard.push({ url: request.url ?? '', body, type: request.headers['content-type'], notice });
      // As a shop does: only what is rightly signed may be answered with success.
      const said = notice === undefined ? { status: 401, body: 'fail' } : answer(heard.length);
      response.writeHead(said.status).end(said.body);
    };
  });
  shop.listen(0, '127.0.0.1');
  await once(shop, 'listening');
  shopUrl = `http://127.0.0.1:${(shop.address() as AddressInfo).port}`;
  await start();
});

afterEach(async () => {
  await gateway.close();
  await sandbox?.close();
  sandbox = undefined;
  shop.closeAllConnections();
  await new Promise((done) => shop.close(done));
  rmSync(folder, { recursive: true });
});

async function start(
  callbackUrl: string | readonly string[] = `${shopUrl}/pay/callbackPayment`,
): Promise<void> {
  sandbox = await startSandbox({
    port: 0,
    dataDir: folder,
    callbackUrl,
    logger: pino({ level: 'silent' }),
    repeatAfterMs: [0, 10, 20],
  });
  connect(sandbox.url, sandbox);
}

function connect(baseUrl: string, { publicKey, apiKey }: Pick<Sandbox, 'publicKey' | 'apiKey'>): void {
  gateway = createSandboxGateway({ baseUrl, publicKey, apiKey, timeoutMs: 5_000 });
}

const make = (payId = PAY): Promise<{ payUrl: string }> =>
  gateway.create({ payId, orderId: ORDER, amount: DUE });

async function pay(payUrl: string, wish?: object): Promise<Record<string, string>> {
  const headers = { 'content-type': 'application/json' };
  const reply = await fetch(
    payUrl,
    wish ? { method: 'POST', headers, body: JSON.stringify(wish) } : { method: 'POST' },
  );
  return { status: String(reply.status), ...((await reply.json()) as object) };
}

const merchant = (path: string, body?: object, key = sandbox!.apiKey): Promise<Response> =>
  fetch(`${sandbox!.url}${path}`, {
    headers: { 'x-sandbox-key': key, ...(body && { 'content-type': 'application/json' }) },
    ...(body && { method: 'POST', body: JSON.stringify(body) }),
  });

describe('a payment', () => {
  test('is open, then paid; the shop has been told when the payer gets the answer', async () => {
    const { payUrl } = await make();
    expect(payUrl).toBe(`${sandbox!.url}/pay/${PAY}`);
    expect(await gateway.query(PAY, { close: false })).toEqual({ state: 'open' });

    const { transactionId, ...answered } = await pay(payUrl);
    expect(answered).toEqual({ status: '200', paid: true, amount: '4780.00', callback: 'delivered' });
    const notice = { payId: PAY, orderId: ORDER, isPaid: true, amount: DUE, transactionId };
    expect(heard).toEqual([
      {
        url: '/pay/callbackPayment',
        type: 'application/json',
        body: `{"payId":"${PAY}","orderId":"${ORDER}","isPaid":true,"payAmount":"4780.00","transactionId":"${transactionId}"}`,
        notice,
      },
    ]);
    expect(await gateway.query(PAY, { close: false })).toEqual({ state: 'paid', notices: [notice] });
  });

  test('made twice is one; with another amount it is refused', async () => {
    const first = await make();
    expect(await make()).toEqual(first);
    const other = gateway.create({ payId: PAY, orderId: ORDER, amount: money('1.00') });
    await expect(other).rejects.toThrow(TerminalError);
  });

  test('paid twice is paid once, also when both come at once', async () => {
    const { payUrl } = await make();
    const answers = await Promise.all([pay(payUrl), pay(payUrl)]);
    answers.push(await pay(payUrl));
    expect(new Set(answers.map((one) => one['transactionId'])).size).toBe(1);
    expect(heard).toHaveLength(1);
  });

  test('that is closed cannot be paid', async () => {
    const { payUrl } = await make();
    expect(await gateway.query(PAY, { close: true })).toEqual({ state: 'closed' });
    expect(await gateway.query(PAY, { close: true })).toEqual({ state: 'closed' });
    expect(await pay(payUrl)).toMatchObject({ status: '409', paid: false });
    expect(heard).toEqual([]);
  });

  test('that is paid cannot be closed', async () => {
    await pay((await make()).payUrl);
    expect(await gateway.query(PAY, { close: true })).toMatchObject({
      state: 'paid',
      notices: [{ amount: DUE }],
    });
  });

  test('that nobody made is unknown', async () => {
    expect(await gateway.query(PAY, { close: false })).toEqual({ state: 'unknown' });
    expect(await gateway.query(PAY, { close: true })).toEqual({ state: 'unknown' });
    expect(await pay(`${sandbox!.url}/pay/${PAY}`)).toMatchObject({ status: '404', paid: false });
  });

  test('may name its own callback address', async () => {
    const body = { payId: PAY, orderId: ORDER, amount: '4780', notifyUrl: `${shopUrl}/elsewhere` };
    const { payUrl } = (await (await merchant('/api/payments', body)).json()) as { payUrl: string };
    expect(await pay(payUrl)).toMatchObject({ amount: '4780.00', callback: 'delivered' });
    expect(heard.map((one) => one.url)).toEqual(['/elsewhere']);
  });

  test.each([
    { payId: '../x' },
    { payId: 345959443973935104 },
    { amount: '0' },
    { amount: '-1.00' },
    { amount: '1.001' },
    { amount: 5 },
    { orderId: '' },
    { notifyUrl: 'file:///etc/passwd' },
  ])('with %j is not made', async (wrong) => {
    const reply = await merchant('/api/payments', { payId: PAY, orderId: ORDER, amount: '1.00', ...wrong });
    expect(reply.status).toBe(400);
  });

  test("is nobody else's business", async () => {
    await make();
    for (const key of ['', 'wrong', `${sandbox!.apiKey}x`]) {
      expect((await merchant(`/api/payments/${PAY}`, undefined, key)).status).toBe(401);
      expect((await merchant('/api/refunds', {}, key)).status).toBe(401);
    }
  });
});

describe('a refund', () => {
  test('goes back once, in the amount that was first asked for', async () => {
    const { transactionId = '' } = await pay((await make()).payUrl);
    const refund = { payId: PAY, transactionId, amount: money('80.00') };
    await gateway.refund(refund);
    await gateway.refund(refund);
    await expect(gateway.refund({ ...refund, amount: money('90.00') })).rejects.toThrow(/409/);
    const { transactions } = (await (await merchant(`/api/payments/${PAY}`)).json()) as {
      transactions: unknown;
    };
    expect(transactions).toEqual([{ transactionId, amount: '4780.00', refunded: '80.00' }]);
  });

  test('of more than was paid, or of what was never paid, is refused for good', async () => {
    const { transactionId = '' } = await pay((await make()).payUrl);
    const refund = { payId: PAY, transactionId, amount: DUE };
    await expect(gateway.refund({ ...refund, amount: money('4780.01') })).rejects.toThrow(/409/);
    await expect(gateway.refund({ ...refund, transactionId: 'none' })).rejects.toThrow(/404/);
    await expect(gateway.refund({ ...refund, payId: id<PayId>('1') })).rejects.toThrow(TerminalError);
  });
});

describe('callbacks', () => {
  test.each([
    ['another status', { status: 500, body: 'success' }],
    ['a word around the literal', { status: 200, body: 'success\n' }],
    ['JSON', { status: 200, body: '"success"' }],
    ['a long page', { status: 200, body: 'success'.repeat(1_000) }],
  ])('are repeated, the same each time, while the shop answers with %s', async (_name, refusal) => {
    answer = (nth) => (nth < 5 ? refusal : SUCCESS);
    expect(await pay((await make()).payUrl)).toMatchObject({ callback: 'delivered' });
    expect(heard).toHaveLength(5);
    expect(new Set(heard.map((one) => one.body)).size).toBe(1);
  });

  test('go on when the platform is started again, and end with the literal', async () => {
    answer = () => ({ status: 503, body: 'away' });
    const { payUrl } = await make();
    // The platform is closed in the face of this payer, who is answered all the same.
    const paying = pay(payUrl);
    await until('a first callback', () => heard.length > 0);
    await restart();
    expect(await paying).toMatchObject({ paid: true, callback: 'under way' });

    answer = () => SUCCESS;
    const before = heard.length;
    await until('a callback after the restart', () => heard.length > before);
    expect(await pay(`${sandbox!.url}/pay/${PAY}`)).toMatchObject({ callback: 'delivered' });

    const told = heard.length;
    await restart();
    expect(await pay(`${sandbox!.url}/pay/${PAY}`)).toMatchObject({ callback: 'delivered' });
    expect(heard).toHaveLength(told);
  });

  test('go to the next of several addresses at each attempt, whichever of them are dead', async () => {
    await sandbox!.close();
    await gateway.close();
    const dead = `http://127.0.0.1:${await freePort()}`;
    await start([dead, `${shopUrl}/one`, dead, `${shopUrl}/two`]);
    answer = (nth) => (nth === 1 ? { status: 503, body: 'away' } : SUCCESS);
    expect(await pay((await make()).payUrl)).toMatchObject({ callback: 'delivered' });
    expect(heard.map((one) => one.url)).toEqual(['/one', '/two']);
    // The next transaction begins at the next address.
    const other = await make(id<PayId>('345959443973935107'));
    expect(await pay(other.payUrl)).toMatchObject({ callback: 'delivered' });
    expect(heard.map((one) => one.url)).toEqual(['/one', '/two', '/one']);
  });
});

async function restart(): Promise<void> {
  await sandbox!.close();
  await gateway.close();
  await start();
}

describe('behaviour', () => {
  test('twice: the same callback comes two times at once', async () => {
    await pay((await make()).payUrl, { behaviour: 'twice' });
    expect(heard).toHaveLength(2);
    expect(heard[0]).toEqual(heard[1]);
  });

  test('late: the payer is answered first', async () => {
    const { payUrl } = await make();
    expect(await pay(payUrl, { behaviour: 'late', delayMs: 3_600_000 })).toMatchObject({
      callback: 'under way',
    });
    expect(heard).toEqual([]);
    expect(await gateway.query(PAY, { close: false })).toMatchObject({ state: 'paid' });
  });

  test('late: the callback comes nevertheless', async () => {
    await pay((await make()).payUrl, { behaviour: 'late', delayMs: 50 });
    expect(heard).toHaveLength(1);
  });

  test('wrong-amount: that amount is what was paid', async () => {
    const { transactionId = '', amount } = await pay((await make()).payUrl, {
      behaviour: 'wrong-amount',
      amount: '0.01',
    });
    expect(amount).toBe('0.01');
    expect(heard[0]?.notice?.amount).toBe('0.01');
    await expect(gateway.refund({ payId: PAY, transactionId, amount: DUE })).rejects.toThrow(/409/);
    await gateway.refund({ payId: PAY, transactionId, amount: money('0.01') });
  });

  test('bad-signature: the first callback is not to be believed, the next one is', async () => {
    const answered = await pay((await make()).payUrl, { behaviour: 'bad-signature' });
    expect(answered).toMatchObject({ callback: 'delivered' });
    expect(heard.map((one) => one.notice === undefined)).toEqual([true, false]);
    expect(heard[0]?.body).toBe(heard[1]?.body);
  });

  test('again: money arrives a second time, under a number of its own', async () => {
    const { payUrl } = await make();
    const first = await pay(payUrl);
    const second = await pay(payUrl, { behaviour: 'again' });
    expect(second['transactionId']).not.toBe(first['transactionId']);
    expect(heard.map((one) => one.notice?.transactionId)).toEqual([
      first['transactionId'],
      second['transactionId'],
    ]);
    const state = await gateway.query(PAY, { close: false });
    expect(state).toMatchObject({ notices: [{ amount: DUE }, { amount: DUE }] });
  });

  test('again: of an open payment it is both payments at once', async () => {
    await pay((await make()).payUrl, { behaviour: 'again' });
    await until('both callbacks', () => new Set(heard.map((one) => one.notice?.transactionId)).size === 2);
  });

  test('silent: only a query tells, also after a restart', async () => {
    expect(await pay((await make()).payUrl, { behaviour: 'silent' })).toMatchObject({
      callback: 'under way',
    });
    await restart();
    // A payment made later is told of; whatever the restart resumed has been sent before it.
    await pay((await make(id<PayId>('8'))).payUrl);
    expect(heard.map((one) => one.notice?.payId)).toEqual(['8']);
    expect(await gateway.query(PAY, { close: false })).toMatchObject({ state: 'paid' });
  });

  test('may stand in the query, and in what curl takes for a form', async () => {
    const inQuery = await pay(`${(await make()).payUrl}?behaviour=wrong-amount&amount=3`);
    expect(inQuery).toMatchObject({ amount: '3.00' });
    const { payUrl } = await make(id<PayId>('8'));
    const headers = { 'content-type': 'application/x-www-form-urlencoded', accept: '*/*' };
    const body = '{"behaviour":"wrong-amount","amount":"4"}';
    expect(await (await fetch(payUrl, { method: 'POST', headers, body })).json()).toMatchObject({
      amount: '4.00',
    });
  });

  test('that does not exist takes no money', async () => {
    const { payUrl } = await make();
    expect(await pay(payUrl, { behaviour: 'nicely' })).toMatchObject({ status: '400', paid: false });
    expect(await gateway.query(PAY, { close: false })).toEqual({ state: 'open' });
  });
});

describe('the page', () => {
  const accept = 'text/html,*/*';
  const browse = (url: string): Promise<Response> => fetch(url, { headers: { accept } });

  test('shows the payment, takes the form, and shows the result', async () => {
    const { payUrl } = await make();
    const page = await browse(payUrl);
    expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(await page.text()).toContain('4780.00');
    expect(await (await browse(`${payUrl}?cancelled`)).text()).toContain('You have not paid');

    const headers = { accept, 'content-type': 'application/x-www-form-urlencoded' };
    const body = 'behaviour=well&delayMs=&amount=';
    const sent = await fetch(payUrl, { method: 'POST', headers, body, redirect: 'manual' });
    expect([sent.status, sent.headers.get('location')]).toEqual([303, `/pay/${PAY}`]);
    expect(await (await browse(payUrl)).text()).toContain('The shop has confirmed it.');
  });

  test('shows what a merchant wrote as text', async () => {
    const orderId = `<img src=x onerror="alert(1)">`;
    const made = await merchant('/api/payments', { payId: 'x', orderId, amount: '1.00' });
    const html = await (await browse(((await made.json()) as { payUrl: string }).payUrl)).text();
    expect(html).toContain('&lt;img src=x onerror=&quot;alert(1)&quot;&gt;');
    expect(html).not.toContain('<img');
  });

  test('says so when there is no such payment', async () => {
    const page = await browse(`${sandbox!.url}/pay/none`);
    expect(page.status).toBe(404);
    expect(await page.text()).toContain('There is no such payment.');
  });
});

describe('kill -9', () => {
  const ROOT = resolve(__dirname, '../..');
  const SERVER = join(ROOT, 'dist', 'bin', 'sandbox', 'server.js');
  let child: ChildProcess;

  /** Runs the platform in a process of its own, in the same data folder, until it is killed. */
  async function startChild(): Promise<string> {
    const options = { port: 0, dataDir: folder, callbackUrl: shopUrl, repeatAfterMs: [0, 10] };
    const script = `require(${JSON.stringify(SERVER)})
      .startSandbox({ ...${JSON.stringify(options)}, logger: require('pino')({ level: 'silent' }) })
      .then(({ url }) => process.stdout.write(url));`;
    child = spawn(process.execPath, ['-e', script], {
      cwd: ROOT,
      env: { ...process.env, NODE_OPTIONS: '' },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const ended = once(child, 'exit').then(() => Promise.reject(new Error('the platform ended')));
    ended.catch(() => undefined);
    const [url] = await Promise.race([once(child.stdout!, 'data') as Promise<[Buffer]>, ended]);
    return url.toString();
  }

  afterEach(() => {
    child.kill('SIGKILL');
  });

  test('loses nothing that was answered, and what was not acknowledged is told again', async () => {
    const keys = sandbox!;
    await keys.close();
    await gateway.close();
    answer = () => ({ status: 503, body: 'away' });
    connect(await startChild(), keys);

    await pay((await make()).payUrl, { behaviour: 'silent' });
    await make(id<PayId>('9'));
    await gateway.query(id<PayId>('9'), { close: true });
    // The kill comes while this payer waits for the shop to be told.
    const cutOff = expect(pay((await make(id<PayId>('8'))).payUrl)).rejects.toThrow();
    await until('a first callback', () => heard.length > 0);
    const transactionId = heard[0]?.notice?.transactionId;
    child.kill('SIGKILL');
    await once(child, 'exit');
    await cutOff;
    await expect(gateway.query(PAY, { close: false })).rejects.toThrow(RetryableError);
    await gateway.close();

    appendFileSync(join(folder, 'sandbox', 'ledger.jsonl'), '{"type":"paid","payId":"9","tra');
    heard = [];
    answer = () => SUCCESS;
    await start();
    expect(sandbox!.publicKey).toBe(keys.publicKey);
    await until('the callback', () => heard.length > 0);
    expect(heard[0]?.notice).toMatchObject({ payId: '8', transactionId });
    expect(await gateway.query(PAY, { close: false })).toMatchObject({ state: 'paid' });
    expect(await gateway.query(id<PayId>('9'), { close: false })).toEqual({ state: 'closed' });
  });
});
