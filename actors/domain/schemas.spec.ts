import { Compile } from 'typebox/compile';
import { CallbackBody, CreateGoodsBody, PlaceOrderBody } from './schemas';

const order = Compile(PlaceOrderBody);
const callback = Compile(CallbackBody);
const goods = Compile(CreateGoodsBody);

const ordered = (address: string) => ({
  ...{ userId: '1', goodsId: '2', goodsPrice: '1', goodsNumber: 1, shippingFee: '10', orderAmount: '11' },
  address,
});
const told = (transactionId: string) => ({ payId: '1', isPaid: true, payAmount: '1.00', transactionId });
const offered = (goodsDesc: string) => ({ goodsName: 'a', goodsPrice: '1', goodsNumber: 1, goodsDesc });

test.each([
  ['a NUL', 'a\0b'],
  ['half a surrogate pair', 'a\ud83d'],
  ['the other half', '\udc69a'],
  ['more emoji joined to one than there may be characters', '👩\u200d'.repeat(1_500)],
])('no text holds %s', (_what, text) => {
  expect([order.Check(ordered(text)), callback.Check(told(text)), goods.Check(offered(text))]).toEqual([
    false,
    false,
    false,
  ]);
});

test('a text may hold as many characters as it says, each of several bytes', () => {
  expect(order.Check(ordered('👩'.repeat(500)))).toBe(true);
  expect(order.Check(ordered('👩'.repeat(501)))).toBe(false);
  expect(callback.Check(told('家'.repeat(100)))).toBe(true);
  expect(goods.Check(offered(''))).toBe(true);
});
