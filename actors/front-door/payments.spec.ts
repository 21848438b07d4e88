import { ok, refused, type Envelope } from '../domain/envelope';
import { id, type PayId } from '../domain/ids';
import { refundPayment } from './payments';

const payId = id<PayId>('9');

test('R16: a payment is refunded only with the order that it has paid, which says whether it has', async () => {
  const asked: unknown[] = [];
  const router = {
    ask: ({ kind, command }: Omit<Envelope, 'shard'>) => {
      asked.push([kind, command]);
      return Promise.resolve(
        kind === 'payment' ? ok({ payId, orderId: '7', isPaid: true }) : refused('SHOP_PAYMENT_PAY_ERROR'),
      );
    },
  };
  expect(await refundPayment({ router }, payId)).toMatchObject({ code: 'SHOP_PAYMENT_PAY_ERROR' });
  expect(asked).toEqual([
    ['payment', { type: 'FindPayment' }],
    ['order', { type: 'RefundOrder', payId }],
  ]);
});
