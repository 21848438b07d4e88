// The way to the sandbox payment platform. Every call to it carries a key of the platform's, so calls are
// repeated freely, within `timeoutMs`; a callback is believed only for its signature.
import { createPublicKey, verify } from 'node:crypto';
import Type, { type Static } from 'typebox';
import { Compile } from 'typebox/compile';
import { Agent, interceptors, request } from 'undici';
import { RetryableError, TerminalError } from '../../actors/domain/errors';
import { id, isId, type OrderId, type PayId } from '../../actors/domain/ids';
import { isNegative, isZero, parseMoney } from '../../actors/domain/money';
import type { GatewayNotice, PaymentGateway } from '../../actors/domain/ports/payment-gateway';
import { CallbackBody, idText } from '../../actors/domain/schemas';

export interface SandboxGatewayOptions {
  /** Where the platform is, e.g. http://127.0.0.1:3001 */
  readonly baseUrl: string;
  /** PEM: what callbacks are checked with. */
  readonly publicKey: string;
  readonly apiKey: string;
  /** How long a call may take, with its repeats. */
  readonly timeoutMs: number;
}

const CALLBACK = Compile(CallbackBody);
const CREATED = Compile(Type.Object({ payUrl: Type.String({ minLength: 1 }) }));
const PaymentAnswer = Type.Object({
  orderId: Type.String(),
  state: Type.Union([Type.Literal('open'), Type.Literal('paid'), Type.Literal('closed')]),
  transactions: Type.Array(
    Type.Object({ transactionId: Type.String({ minLength: 1, maxLength: 100 }), amount: Type.String() }),
  ),
});
const PAYMENT = Compile(PaymentAnswer);

/**
 * Makes the gateway to a sandbox platform.
 *
 * - `verify` returns undefined for a missing or wrong signature and throws TerminalError for a body that the
 *   platform did sign but that cannot be read: trying again will not help.
 * - The other calls throw RetryableError when the platform is away, overloaded (429, 5xx) or talks gibberish,
 *   and TerminalError when it refuses (any other 4xx).
 * - A payment that the platform does not know is 'unknown' to `query`.
 */
export function createSandboxGateway(
  options: SandboxGatewayOptions,
): PaymentGateway & { /** Lets go of the connections. */ close(): Promise<void> } {
  const key = createPublicKey(options.publicKey);
  const agent = new Agent({ connections: 32 });
  const dispatcher = agent.compose(
    interceptors.retry({
      maxRetries: 2,
      minTimeout: 50,
      maxTimeout: 500,
      // POST too: the platform knows repeats by payId and transactionId.
      methods: ['GET', 'POST'],
      throwOnError: false,
    }),
  );

  const call = async (method: 'GET' | 'POST', path: string, body?: object): Promise<Answered> => {
    try {
      const answer = await request(new URL(path, options.baseUrl), {
        dispatcher,
        method,
        headers: { 'x-sandbox-key': options.apiKey, ...(body && { 'content-type': 'application/json' }) },
        body: body === undefined ? null : JSON.stringify(body),
        signal: AbortSignal.timeout(options.timeoutMs),
      });
      return { status: answer.statusCode, text: await answer.body.text() };
    } catch (error) {
      throw new RetryableError(`the sandbox platform does not answer ${method} ${path}`, { cause: error });
    }
  };

  return {
    provider: 'sandbox',
    successLiteral: 'success',

    async create(payment) {
      const answer = accepted(await call('POST', '/api/payments', payment));
      return { payUrl: readAnswer(CREATED, answer).payUrl };
    },

    // Waking a thread for it costs several times as much as the 40 microseconds that it takes.
    // eslint-disable-next-line @typescript-eslint/require-await
    async verify(rawBody, signature) {
      if (signature === undefined) return undefined;
      if (!verify('RSA-SHA256', rawBody, key, Buffer.from(signature, 'base64'))) return undefined;
      const notice = readCallback(Buffer.from(rawBody).toString('utf8'));
      if (notice === undefined) throw new TerminalError('a signed callback of the sandbox cannot be read');
      return notice;
    },

    async query(payId, { close }) {
      const path = `/api/payments/${payId}`;
      const answer = close ? await call('POST', `${path}/close`) : await call('GET', path);
      if (answer.status === 404) return { state: 'unknown' };
      const { state, orderId, transactions } = readAnswer(PAYMENT, accepted(answer));
      if (state !== 'paid') return { state };
      return { state, notices: transactions.map((one) => readTransaction(payId, orderId, one)) };
    },

    async refund({ payId, transactionId, amount }) {
      accepted(await call('POST', '/api/refunds', { payId, transactionId, amount }));
    },

    close: () => agent.destroy(),
  };
}

interface Answered {
  readonly status: number;
  readonly text: string;
}

/** @returns the answer's text, if the platform did what it was asked */
function accepted({ status, text }: Answered): string {
  if (status >= 200 && status < 300) return text;
  const message = `the sandbox platform answers ${status}: ${text.slice(0, 200)}`;
  const isRefusal = status >= 400 && status < 500 && status !== 408 && status !== 429;
  throw isRefusal ? new TerminalError(message) : new RetryableError(message);
}

/** Something between us and the platform may have answered in its place, so gibberish may pass. */
function readAnswer<Shape>(shape: { Parse(value: unknown): Shape }, text: string): Shape {
  try {
    return shape.Parse(JSON.parse(text));
  } catch (error) {
    throw new RetryableError('an answer of the sandbox platform cannot be read', { cause: error });
  }
}

function readCallback(text: string): GatewayNotice | undefined {
  const body = parse(text);
  if (!CALLBACK.Check(body)) return undefined;
  const { isPaid, transactionId } = body;
  const [payId, orderId] = [
    idText(body.payId),
    body.orderId === undefined ? undefined : idText(body.orderId),
  ];
  const amount = parseMoney(body.payAmount);
  if (amount === undefined || isNegative(amount) || (isPaid && isZero(amount))) return undefined;
  if (!isId(payId) || (orderId !== undefined && !isId(orderId))) return undefined;
  const notice = { payId: id<PayId>(payId), isPaid, amount, transactionId };
  return orderId === undefined ? notice : { ...notice, orderId: id<OrderId>(orderId) };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

type TransactionAnswer = Static<typeof PaymentAnswer>['transactions'][number];

function readTransaction(
  payId: PayId,
  orderId: string,
  { transactionId, amount }: TransactionAnswer,
): GatewayNotice {
  const arrived = parseMoney(amount);
  if (arrived === undefined) throw new RetryableError('an amount of the sandbox platform cannot be read');
  const notice = { payId, isPaid: true, amount: arrived, transactionId };
  return isId(orderId) ? { ...notice, orderId: id<OrderId>(orderId) } : notice;
}
