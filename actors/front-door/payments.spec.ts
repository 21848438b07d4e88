// R16: whoever gets the address of a payment can pay for an order that still stands, and what is refunded is what was paid.
// R13: money that a platform vouches for is saved, or a person hears of it.
import { TerminalError } from '../domain/errors';
import { ok, refused, type Answer, type Envelope } from '../domain/envelope';
import { id, type OrderId, type PayId } from '../domain/ids';
import { money } from '../domain/money';
import type { GatewayNotice, PaymentGateway } from '../domain/ports/payment-gateway';
import { createPayment, refundPayment, takeCallback } from './payments';
import { STILL_CLOCK } from '../../test/helpers/still-clock';

const ORDER = id<OrderId>('1');

/** @param status of the order once the platform has made the payment */
async function createWhileOrderBecomes(status: number) {
  const done: string[] = [];
  const answers: Record<string, Answer> = {
    OpenPayment: ok({ payId: '9' }),
    CreatePayment: ok({ payId: '9', orderId: ORDER, provider: 'sandbox', transactions: [] }),
    FindOrder: ok({ status, payId: '9' }),
    FindPayment: ok({ isPaid: false, provider: 'sandbox' }),
    ClosePayment: ok({}),
  };
  const gateway: Partial<PaymentGateway> = {
    provider: 'sandbox',
    create: () => {
      done.push('made at the platform');
      return Promise.resolve({ payUrl: 'http://127.0.0.1/pay/9' });
    },
    query: (_payId, { close }) => {
      done.push(close ? 'closed at the platform' : 'looked at');
      return Promise.resolve({ state: 'closed' });
    },
  };
  const reply = await createPayment(
    {
      router: {
        ask: ({ command, kind }: Omit<Envelope, 'shard'>) => {
          done.push(`${kind} ${command.type}`);
          return Promise.resolve(answers[command.type] ?? refused('SHOP_FAIL'));
        },
      },
      clock: STILL_CLOCK,
      ids: { next: () => '9' },
      gateways: new Map([['sandbox', gateway as PaymentGateway]]),
    },
    { orderId: ORDER, amount: money('20.00'), provider: undefined },
  );
  return { reply, done };
}

test('an order that stands is paid at its address', async () => {
  const { reply, done } = await createWhileOrderBecomes(1);
  expect(reply).toMatchObject({ code: 'SHOP_SUCCESS', data: { payUrl: 'http://127.0.0.1/pay/9' } });
  expect(done).not.toContain('closed at the platform');
});

test('a payment whose order has ended while it was made is closed, and nobody gets its address', async () => {
  const { reply, done } = await createWhileOrderBecomes(2);
  expect(reply).toMatchObject({ code: 'SHOP_PAYMENT_PAY_ERROR' });
  expect(reply).not.toHaveProperty('data');
  expect(done.slice(-3)).toEqual(['payment FindPayment', 'closed at the platform', 'payment ClosePayment']);
});

test('R16: a payment is refunded only with the order that it has paid, which says whether it has', async () => {
  const payId = id<PayId>('9');
  const asked: unknown[] = [];
  const router = {
    ask: ({ kind, command }: Omit<Envelope, 'shard'>) => {
      asked.push([kind, command]);
      return Promise.resolve(
        kind === 'payment' ? ok({ payId, orderId: ORDER, isPaid: true }) : refused('SHOP_PAYMENT_PAY_ERROR'),
      );
    },
  };
  expect(await refundPayment({ router }, payId)).toMatchObject({ code: 'SHOP_PAYMENT_PAY_ERROR' });
  expect(asked).toEqual([
    ['payment', { type: 'FindPayment' }],
    ['order', { type: 'RefundOrder', payId }],
  ]);
});

/** @param verify what the platform's gateway makes of the bytes @param answer the payment's */
async function callBack(verify: () => Promise<GatewayNotice | undefined>, answer: Answer) {
  const logged: unknown[] = [];
  const gateway: Partial<PaymentGateway> = { provider: 'sandbox', successLiteral: 'success', verify };
  const parts = {
    router: { ask: () => Promise.resolve(answer) },
    clock: STILL_CLOCK,
    gateways: new Map([['sandbox', gateway as PaymentGateway]]),
    logger: { error: (told: unknown) => logged.push(told) },
  };
  const reply = await takeCallback(parts, undefined, Buffer.from('{"payId":9}'), 'signed').catch(
    (error: unknown) => error,
  );
  return { reply, logged };
}

describe('R13: money that arrives and is saved nowhere is in the log', () => {
  const payId = id<PayId>('9');
  const notice = { payId, isPaid: true, amount: money('20.00'), transactionId: 't' };
  const told = { provider: 'sandbox', payId, transactionId: 't', amount: '20.00' };

  test.each(['SHOP_PAYMENT_NOT_FOUND', 'SHOP_PAYMENT_TRANSACTION_CONFLICT'] as const)(
    'the payment says %s',
    async (code) => {
      const { reply, logged } = await callBack(() => Promise.resolve(notice), refused(code));
      expect(reply).toEqual({ code });
      expect(logged).toEqual([{ ...told, code }]);
    },
  );

  test('what the platform has signed cannot be read', async () => {
    const unreadable = new TerminalError('it cannot be read');
    const { reply, logged } = await callBack(() => Promise.reject(unreadable), ok({}));
    expect(reply).toBe(unreadable);
    expect(logged).toEqual([{ err: unreadable, provider: 'sandbox', body: '{"payId":9}' }]);
  });

  test('not where no money is told of, nobody has signed, or nobody answers', async () => {
    const none = () => Promise.resolve({ ...notice, isPaid: false });
    expect((await callBack(none, refused('SHOP_PAYMENT_NOT_FOUND'))).logged).toEqual([]);
    expect((await callBack(() => Promise.resolve(undefined), ok({}))).logged).toEqual([]);
    const away: Answer = { outcome: 'retry', reason: 'unavailable' };
    expect((await callBack(() => Promise.resolve(notice), away)).logged).toEqual([]);
  });
});
