// What the customer hears of an order of which nobody knows whether it was saved.
import { fault, refused, retry, silence, type Answer } from '../domain/envelope';
import { id, type OrderId } from '../domain/ids';
import { placeOrder } from './place-order';
import { STILL_CLOCK } from '../../test/helpers/still-clock';

const UNAVAILABLE = { code: 'SHOP_UNAVAILABLE' };
const BODY = {
  ...{ userId: '1', goodsId: '2', goodsPrice: '5.00', goodsNumber: 1 },
  ...{ shippingFee: '10.00', orderAmount: '15.00', address: '1 Harbour Road' },
};

function place(answer: Answer, requestKey?: string) {
  const parts = {
    clock: STILL_CLOCK,
    router: { ask: () => Promise.resolve(answer) },
    orderIds: { next: () => id<OrderId>('7') },
    expiresAfterMs: 1_000,
    patienceMs: 1_000,
  };
  return placeOrder(parts, requestKey === undefined ? BODY : { ...BODY, requestKey });
}

test('without a request key he can ask for it by its id', async () => {
  expect(await place(retry('unavailable'))).toEqual({ ...UNAVAILABLE, data: { orderId: '7' } });
  expect(await place(retry('busy'))).toEqual({ code: 'SHOP_BUSY', data: { orderId: '7' } });
});

test('under a request key he sends it again, and may hear of another id', async () => {
  expect(await place(retry('unavailable'), 'mine')).toEqual(UNAVAILABLE);
});

test('who is silent may be at work on it', async () => {
  const pending = { code: 'SHOP_ORDER_PENDING', data: { orderId: '7' } };
  expect(await place(silence('no answer in time'))).toEqual(pending);
});

test('what is refused or has failed was not saved', async () => {
  expect(await place(refused('SHOP_GOODS_NO_EXIST'))).toEqual({ code: 'SHOP_GOODS_NO_EXIST' });
  expect(await place(fault('broken'))).toEqual({ code: 'SHOP_ORDER_SAVE_ERROR' });
});
