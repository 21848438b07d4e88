// What the front door says of an order that is still being placed.
import pino from 'pino';
import { retry, type Envelope } from '../domain/envelope';
import type { Request } from '../domain/front-door';
import { id, type OrderId } from '../domain/ids';
import type { PaymentGateway } from '../domain/ports/payment-gateway';
import { createFrontDoor } from './front-door';
import { STILL_CLOCK } from '../../test/helpers/still-clock';

const asked: string[] = [];
const door = createFrontDoor({
  router: {
    ask: ({ command }: Omit<Envelope, 'shard'>) => {
      asked.push(command.type);
      return Promise.resolve(retry('not-yet'));
    },
  },
  ids: { next: () => '9' },
  orderIds: { next: () => id<OrderId>('7') },
  clock: STILL_CLOCK,
  gateways: new Map([['sandbox', { provider: 'sandbox' } as PaymentGateway]]),
  logger: pino({ level: 'silent' }),
  expiresAfterMs: 1_000,
  patienceMs: 1_000,
});

test.each<[Request, object, string]>([
  ['order.cancel', { orderId: '7' }, 'CancelOrder'],
  ['payment.create', { orderId: '7', payAmount: '5.00' }, 'OpenPayment'],
])('%s is told which order to ask for again', async (request, body, command) => {
  asked.length = 0;
  expect(await door.call(request, body)).toEqual({ code: 'SHOP_ORDER_PENDING', data: { orderId: '7' } });
  expect(asked).toEqual([command]);
});
