import { generateKeyPairSync, sign } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { RetryableError, TerminalError } from '../../actors/domain/errors';
import { id, type OrderId, type PayId } from '../../actors/domain/ids';
import { money } from '../../actors/domain/money';
import { createSandboxGateway } from './sandbox';

const KEYS = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  publicKeyEncoding: { type: 'spki', format: 'pem' },
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
});
const PAY = id<PayId>('7');
const REFUND = { payId: PAY, transactionId: 't1', amount: money('1.00') };

/** What the stand-in for the platform answers, in order; the last answer counts for all that follow. */
let answers: { status: number; body: string }[];
let asked: string[];
let server: Server;
let gateway: ReturnType<typeof createSandboxGateway>;

beforeAll(async () => {
  server = createServer((request, response) => {
    asked.push(`${request.method ?? ''} ${request.url ?? ''}`);
    const answer = answers.length > 1 ? answers.shift() : answers[0];
    // No answer at all stands for a platform that hangs.
    if (answer !== undefined) response.writeHead(answer.status).end(answer.body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
beforeEach(() => {
  asked = [];
  const { port } = server.address() as AddressInfo;
  gateway = createSandboxGateway({
    baseUrl: `http://127.0.0.1:${port}`,
    publicKey: KEYS.publicKey,
    apiKey: 'key',
    timeoutMs: 2_000,
  });
});
afterEach(() => gateway.close());
afterAll(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

describe('verify', () => {
  const BODY = { payId: '7', orderId: '70', isPaid: true, payAmount: '5', transactionId: 't1' };
  const signed = (body: string): [Buffer, string] => {
    const bytes = Buffer.from(body);
    return [bytes, sign('RSA-SHA256', bytes, KEYS.privateKey).toString('base64')];
  };

  test('reads what the platform signed', async () => {
    const notice = { payId: '7', orderId: '70', isPaid: true, amount: '5.00', transactionId: 't1' };
    expect(await gateway.verify(...signed(JSON.stringify(BODY)))).toEqual(notice);
  });

  test('the order may be missing', async () => {
    const notice = await gateway.verify(...signed(JSON.stringify({ ...BODY, orderId: undefined })));
    expect(notice).toMatchObject({ payId: '7' });
    expect(notice).not.toHaveProperty('orderId');
  });

  test.each([undefined, '', 'x', 'AAAA', Buffer.alloc(256, 1).toString('base64'), '%%%'])(
    'does not believe the signature %j',
    async (signature) =>
      expect(await gateway.verify(Buffer.from(JSON.stringify(BODY)), signature)).toBeUndefined(),
  );

  test('believes a signature for its own bytes only', async () => {
    const [bytes, signature] = signed(JSON.stringify(BODY));
    expect(await gateway.verify(Buffer.concat([bytes, Buffer.from(' ')]), signature)).toBeUndefined();
  });

  test.each([
    'no JSON',
    'null',
    '[]',
    JSON.stringify({ ...BODY, payId: '9999999999999999999' }),
    JSON.stringify({ ...BODY, payId: '-1' }),
    JSON.stringify({ ...BODY, orderId: '9223372036854775808' }),
    JSON.stringify({ ...BODY, payAmount: '1.005' }),
    JSON.stringify({ ...BODY, payAmount: '-1.00' }),
    JSON.stringify({ ...BODY, payAmount: '0' }),
    JSON.stringify({ ...BODY, payAmount: 5 }),
    JSON.stringify({ ...BODY, isPaid: 'yes' }),
    JSON.stringify({ ...BODY, transactionId: '' }),
  ])('gives up on the signed body %s', async (body) => {
    await expect(gateway.verify(...signed(body))).rejects.toThrow(TerminalError);
  });
});

describe('calls', () => {
  const create = (): Promise<unknown> =>
    gateway.create({ payId: PAY, orderId: id<OrderId>('70'), amount: money('5.00') });

  test.each([
    ['GET', () => gateway.query(PAY, { close: false })],
    ['POST', () => gateway.query(PAY, { close: true })],
  ])('a %s is repeated while the platform is away for a moment', async (_method, query) => {
    answers = [
      { status: 503, body: 'busy' },
      { status: 500, body: 'oops' },
      { status: 200, body: '{"orderId":"70","state":"open","transactions":[]}' },
    ];
    expect(await query()).toEqual({ state: 'open' });
    expect(asked).toHaveLength(3);
  });

  test('a platform that stays broken is tried a few times, then later', async () => {
    answers = [{ status: 502, body: '' }];
    await expect(gateway.refund(REFUND)).rejects.toThrow(RetryableError);
    expect(asked).toEqual(['POST /api/refunds', 'POST /api/refunds', 'POST /api/refunds']);
  });

  test.each([400, 401, 404, 409])('a refusal with %i is final and asked for once', async (status) => {
    answers = [{ status, body: '{"error":"no"}' }];
    await expect(gateway.refund(REFUND)).rejects.toThrow(TerminalError);
    await expect(create()).rejects.toThrow(TerminalError);
    expect(asked).toHaveLength(2);
  });

  test('too many requests is no refusal', async () => {
    answers = [{ status: 429, body: '' }];
    await expect(gateway.refund(REFUND)).rejects.toThrow(RetryableError);
  });

  test('an unknown payment is no fault', async () => {
    answers = [{ status: 404, body: '' }];
    expect(await gateway.query(PAY, { close: true })).toEqual({ state: 'unknown' });
  });

  test.each([
    '<html>',
    '{}',
    '{"orderId":"70","state":"lost","transactions":[]}',
    '{"orderId":"70","state":"paid","transactions":[{"transactionId":"t","amount":"1.005"}]}',
  ])('the answer %s may be understood another time', async (body) => {
    answers = [{ status: 200, body }];
    await expect(gateway.query(PAY, { close: false })).rejects.toThrow(RetryableError);
    await expect(create()).rejects.toThrow(RetryableError);
  });

  test('a platform that does not answer in time may answer another time', async () => {
    answers = [];
    const { port } = server.address() as AddressInfo;
    const options = {
      baseUrl: `http://127.0.0.1:${port}`,
      publicKey: KEYS.publicKey,
      apiKey: 'key',
      timeoutMs: 100,
    };
    const hasty = createSandboxGateway(options);
    await expect(hasty.refund(REFUND)).rejects.toThrow(RetryableError);
    await hasty.close();
  });

  test('so may one that is not there', async () => {
    const gone = createServer();
    await new Promise<void>((resolve) => gone.listen(0, '127.0.0.1', resolve));
    const { port } = gone.address() as AddressInfo;
    await new Promise((resolve) => gone.close(resolve));
    const options = {
      baseUrl: `http://127.0.0.1:${port}`,
      publicKey: KEYS.publicKey,
      apiKey: 'key',
      timeoutMs: 2_000,
    };
    const lonely = createSandboxGateway(options);
    await expect(lonely.query(PAY, { close: false })).rejects.toThrow(RetryableError);
    await lonely.close();
  });
});
