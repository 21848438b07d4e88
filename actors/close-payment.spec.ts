// R16: no payment is closed whose platform has not been asked whether the money is there.
import { closePayment } from './close-payment';
import { ok, type Envelope, type Instant } from './domain/envelope';
import { TerminalError } from './domain/errors';
import { id, type PayId } from './domain/ids';
import type { GatewayPaymentState, PaymentGateway } from './domain/ports/payment-gateway';
import { STILL_CLOCK } from '../test/helpers/still-clock';

const PAYMENT = id<PayId>('9');

/** @param state what the platform says; undefined: none of its name is configured */
async function close(state: GatewayPaymentState | undefined, closedTime?: Instant) {
  const asked: string[] = [];
  const gateway = { query: () => Promise.resolve(state) } as unknown as PaymentGateway;
  const closing = await closePayment(
    {
      router: {
        ask: ({ command }: Omit<Envelope, 'shard'>) => {
          asked.push(command.type);
          return Promise.resolve(ok({ isPaid: false, provider: 'sandbox', closedTime }));
        },
      },
      clock: STILL_CLOCK,
      gatewayOf: () => (state ? gateway : undefined),
    },
    PAYMENT,
  ).catch((error: unknown) => error);
  return { closing, asked };
}

test('what the platform has closed is closed', async () => {
  expect(await close({ state: 'closed' })).toEqual({
    closing: 'closed',
    asked: ['FindPayment', 'ClosePayment'],
  });
});

test('a payment stays open while no platform of its name is configured', async () => {
  const { closing, asked } = await close(undefined);
  expect(closing).toEqual(new TerminalError('no payment platform is configured under the name sandbox'));
  expect(asked).toEqual(['FindPayment']);
});

test('one that was closed before ends, also where its platform is gone for good', async () => {
  const { closing, asked } = await close(undefined, '2026-01-01T00:00:00.000Z');
  expect(closing).toBe('closed');
  expect(asked).toEqual(['FindPayment', 'ClosePayment']);
});
