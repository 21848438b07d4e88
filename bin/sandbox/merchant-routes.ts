// What merchants ask of the platform: make, query and close payments, send money back. All of it may be
// repeated: the same key with the same content gives the same answer, with other content 409.
import { timingSafeEqual } from 'node:crypto';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { AMOUNT_PATTERN, isMore, readAmount } from './amount';
import type { Ledger, Payment } from './ledger';

const payId = { type: 'string', pattern: '^[A-Za-z0-9_-]{1,64}$' } as const;
const amount = { type: 'string', pattern: AMOUNT_PATTERN } as const;

const NEW_PAYMENT = {
  type: 'object',
  required: ['payId', 'orderId', 'amount'],
  properties: {
    payId,
    orderId: { type: 'string', minLength: 1, maxLength: 100 },
    amount,
    notifyUrl: { type: 'string', pattern: '^https?://', maxLength: 2_000 },
  },
} as const;

const REFUND = {
  type: 'object',
  required: ['transactionId', 'payId', 'amount'],
  properties: { transactionId: { type: 'string', minLength: 1, maxLength: 100 }, payId, amount },
} as const;

interface NewPayment {
  readonly payId: string;
  readonly orderId: string;
  readonly amount: string;
  readonly notifyUrl?: string;
}

interface Refund {
  readonly transactionId: string;
  readonly payId: string;
  readonly amount: string;
}

export interface MerchantOptions {
  readonly ledger: Ledger;
  readonly apiKey: string;
  /** The address of a payment's page, for people. */
  readonly payUrl: (payId: string) => string;
}

/** Adds the merchant's routes under /api. */
export function merchantRoutes(server: FastifyInstance, { ledger, apiKey, payUrl }: MerchantOptions): void {
  server.register(
    (api, _options, done) => {
      api.addHook('onRequest', async (request, reply) => {
        if (!isKey(request.headers['x-sandbox-key'], apiKey)) await refuse(reply, 401, 'wrong x-sandbox-key');
      });

      api.post<{ Body: NewPayment }>('/payments', { schema: { body: NEW_PAYMENT } }, (request, reply) => {
        const due = readAmount(request.body.amount);
        if (due === undefined) return refuse(reply, 400, 'the amount must be above zero');
        const { payId, orderId, notifyUrl } = request.body;
        if (ledger.isFull && ledger.payment(payId) === undefined) {
          return refuse(reply.header('retry-after', '60'), 503, 'the sandbox is full: delete its folder');
        }
        const payment = ledger.make({ payId, orderId, amount: due, notifyUrl });
        if (payment === 'conflict') return refuse(reply, 409, 'this payId has another order or amount');
        return reply.send({ ...describe(payment), payUrl: payUrl(payId) });
      });

      api.get<{ Params: { payId: string } }>('/payments/:payId', (request, reply) => {
        const payment = ledger.payment(request.params.payId);
        if (payment === undefined) return refuse(reply, 404, 'no such payment');
        return reply.send(describe(payment));
      });

      api.post<{ Params: { payId: string } }>('/payments/:payId/close', (request, reply) => {
        const { payId } = request.params;
        if (ledger.payment(payId) === undefined) return refuse(reply, 404, 'no such payment');
        return reply.send(describe(ledger.close(payId)));
      });

      api.post<{ Body: Refund }>('/refunds', { schema: { body: REFUND } }, (request, reply) => {
        const { transactionId, payId } = request.body;
        const back = readAmount(request.body.amount);
        if (back === undefined) return refuse(reply, 400, 'the amount must be above zero');
        const transaction = ledger.transaction(transactionId);
        if (transaction?.payId !== payId) return refuse(reply, 404, 'no such transaction of this payment');
        if (isMore(back, transaction.amount))
          return refuse(reply, 409, `only ${transaction.amount} was paid`);
        const { refunded = back } = transaction;
        if (refunded !== back) return refuse(reply, 409, `${refunded} was sent back already`);
        ledger.refund(transactionId, back);
        return reply.send({ transactionId, payId, refunded });
      });
      done();
    },
    { prefix: '/api' },
  );
}

const refuse = (reply: FastifyReply, status: number, error: string): FastifyReply =>
  reply.code(status).send({ error });

/** Takes as long for a near miss as for a wild guess. */
function isKey(given: string | string[] | undefined, key: string): boolean {
  const bytes = Buffer.from(typeof given === 'string' ? given : '');
  const wanted = Buffer.from(key);
  return bytes.length === wanted.length && timingSafeEqual(bytes, wanted);
}

function describe({ payId, orderId, amount, closed, transactions }: Payment): object {
  const state = transactions.length > 0 ? 'paid' : closed ? 'closed' : 'open';
  const movements = transactions.map(({ transactionId, amount, refunded }) => ({
    transactionId,
    amount,
    refunded,
  }));
  return { payId, orderId, amount, state, transactions: movements };
}
