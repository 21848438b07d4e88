import { fault, ok, refused, retry, silence } from '../domain/envelope';
import { replyOf, toEnvelope } from './reply';

const shown = (data: unknown): unknown => ({ shown: data });

test.each([
  [ok('x'), { code: 'SHOP_SUCCESS', data: { shown: 'x' } }],
  [refused('SHOP_ORDER_NO_EXIST'), { code: 'SHOP_ORDER_NO_EXIST' }],
  [
    refused('SHOP_GOODS_NUM_NOT_ENOUGH', false, 'x'),
    { code: 'SHOP_GOODS_NUM_NOT_ENOUGH', data: { shown: 'x' } },
  ],
  [retry('busy'), { code: 'SHOP_BUSY' }],
  [retry('unavailable'), { code: 'SHOP_UNAVAILABLE' }],
  [retry('not-yet'), { code: 'SHOP_ORDER_PENDING' }],
  [silence('no answer'), { code: 'SHOP_UNAVAILABLE' }],
  [fault('broken'), { code: 'SHOP_FAIL' }],
])('%j', (answer, reply) => {
  expect(replyOf(answer, shown)).toEqual(reply);
});

test('an envelope says what the code means, or what is wrong in particular', () => {
  expect(toEnvelope({ code: 'SHOP_SUCCESS' })).toEqual({
    success: true,
    code: 1,
    message: 'Done.',
    data: null,
  });
  expect(toEnvelope({ code: 'SHOP_REQUEST_PARAMETER_VALID', detail: '/x is wrong' })).toMatchObject({
    success: false,
    code: -1,
    message: '/x is wrong',
  });
});
