// What payers do: look at a payment and pay it, from a browser's form or with curl.
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { readWish, type Wish } from './behaviour';
import type { Callbacks } from './callbacks';
import type { Ledger, Payment, Transaction } from './ledger';
import { messagePage, paymentPage } from './page';

/** So long a payer waits for the shop to be told: one who looks there next then finds the order paid. */
const TOLD_WITHIN_MS = 3_000;

interface PayRequest {
  Params: { payId: string };
  Querystring: Record<string, unknown>;
  Body: unknown;
}

export interface PayerOptions {
  readonly ledger: Ledger;
  readonly callbacks: Callbacks;
}

/** Adds the payer's routes under /pay. */
export function payerRoutes(server: FastifyInstance, { ledger, callbacks }: PayerOptions): void {
  server.get<PayRequest>('/pay/:payId', (request, reply) => {
    const payment = ledger.payment(request.params.payId);
    if (payment === undefined) return refuse(request, reply, 404, 'There is no such payment.');
    return page(reply, paymentPage(payment, { cancelled: 'cancelled' in request.query }));
  });

  server.post<PayRequest>('/pay/:payId', async (request, reply) => {
    const payment = ledger.payment(request.params.payId);
    if (payment === undefined) return refuse(request, reply, 404, 'There is no such payment.');
    if (payment.closed) return refuse(request, reply, 409, 'This payment is closed; nothing was paid.');
    if (ledger.isFull) return refuse(request, reply, 503, 'The sandbox is full; nothing was paid.');
    const wish = readWish({ ...request.query, ...members(request.body) }, Date.now());
    if (typeof wish === 'string') return refuse(request, reply, 400, wish);

    const transaction = take(ledger, payment, wish);
    for (const each of payment.transactions) callbacks.start(payment, each);
    const delivered = await callbacks.acknowledged(transaction, TOLD_WITHIN_MS);

    if (isBrowser(request)) return reply.redirect(`/pay/${payment.payId}`, 303);
    const { transactionId, amount } = transaction;
    return reply.send({ paid: true, transactionId, amount, callback: delivered ? 'delivered' : 'under way' });
  });
}

/** Takes the money: once, however often somebody pays, unless the wish is to pay again. */
function take(ledger: Ledger, payment: Payment, wish: Wish): Transaction {
  const { payId, amount: due } = payment;
  const first = payment.transactions[0] ?? ledger.pay(payId, wish.amount ?? due, wish.callback);
  return wish.behaviour === 'again' ? ledger.pay(payId, due, wish.callback) : first;
}

const members = (body: unknown): object => (typeof body === 'object' && body !== null ? body : {});

const isBrowser = (request: FastifyRequest): boolean =>
  request.headers.accept?.includes('text/html') === true;

const page = (reply: FastifyReply, html: string): FastifyReply =>
  reply
    .header(
      'content-security-policy',
      "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
    )
    .header('cache-control', 'no-store')
    .type('text/html; charset=utf-8')
    .send(html);

function refuse(request: FastifyRequest, reply: FastifyReply, status: number, error: string): FastifyReply {
  reply.code(status);
  return isBrowser(request) ? page(reply, messagePage(error)) : reply.send({ paid: false, error });
}
