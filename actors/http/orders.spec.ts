import { CODES, type Code } from '../domain/codes';
import { ALICE, openHttpShop, tokenOf, type HttpShop } from '../../test/helpers/http-shop';

describe('orders over HTTP', () => {
  let shop: HttpShop;
  const token = tokenOf(ALICE);
  beforeAll(async () => (shop = await openHttpShop()));
  afterAll(() => shop.close());
  beforeEach(() => {
    shop.calls.length = 0;
    delete shop.scripts['order.place'];
  });
  const place = (body: unknown, headers: Record<string, string> = {}) =>
    shop.ask('POST', '/order', { token, body, headers });

  test('the body goes to the front door as it came', async () => {
    const body = { userId: Number('1234567'), goodsId: '1', nested: { price: 0.1 }, list: ['1', 2] };
    const answer = await shop.ask('POST', '/order', { token: tokenOf('1234567'), body });
    expect(answer.json).toEqual({ success: true, code: 1, message: 'Done.', data: body });
    expect(shop.calls).toEqual([{ request: 'order.place', body, context: {} }]);
  });

  test('the Idempotency-Key becomes the request key', async () => {
    await place({ userId: ALICE }, { 'idempotency-key': 'one' });
    await place({ userId: ALICE, requestKey: 'two' }, { 'idempotency-key': 'two' });
    await place({ userId: ALICE, requestKey: 'three' });
    expect(shop.calls.map(({ body }) => (body as { requestKey: string }).requestKey)).toEqual([
      'one',
      'two',
      'three',
    ]);
    const conflict = await place({ userId: ALICE, requestKey: 'two' }, { 'idempotency-key': 'one' });
    expect([conflict.status, conflict.json?.code]).toEqual([400, -1]);
    expect(shop.calls).toHaveLength(3);
  });

  test('a traceparent goes along, anything else under its name does not', async () => {
    const trace = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    await place({ userId: ALICE }, { traceparent: trace });
    await place({ userId: ALICE }, { traceparent: 'mine' });
    expect(shop.calls.map(({ context }) => context)).toEqual([{ trace }, {}]);
  });

  test.each([
    [undefined],
    [{}],
    [{ userId: null }],
    [{ userId: 'x' }],
    [{ userId: [ALICE] }],
    [{ userId: Number(ALICE) }],
    [[]],
    ['text'],
    [null],
  ])('a body without its user is refused: %j', async (body) => {
    const answer = await place(body);
    expect([answer.status, answer.json?.code]).toEqual([400, -1]);
    expect(shop.calls).toEqual([]);
  });

  test.each(Object.keys(CODES) as Code[])('%s has its status, number and meaning', async (code) => {
    shop.scripts['order.place'] = () => ({ code, data: { orderId: '77' } });
    const answer = await place({ userId: ALICE });
    const { status, code: number, meaning } = CODES[code];
    expect(answer.status).toBe(status);
    expect(answer.json).toEqual({
      success: code === 'SHOP_SUCCESS',
      code: number,
      message: meaning,
      data: { orderId: '77' },
    });
    expect(answer.headers.get('retry-after')).toBe(status === 503 || status === 429 ? '1' : null);
    expect(answer.headers.get('location')).toBe(code === 'SHOP_ORDER_PENDING' ? '/order/77' : null);
  });

  test('what is wrong in particular is the message', async () => {
    shop.scripts['order.place'] = () => ({
      code: 'SHOP_REQUEST_PARAMETER_VALID',
      detail: '/address must be string',
    });
    expect((await place({ userId: ALICE })).json?.message).toBe('/address must be string');
  });

  test('an order is cancelled after it is known to be the own one', async () => {
    const answer = await shop.ask('POST', '/order/7/cancel', {
      token,
      headers: { 'content-type': 'application/json' },
    });
    expect(answer.status).toBe(200);
    expect(shop.calls.map(({ request, body }) => [request, body])).toEqual([
      ['order.find', { orderId: '7' }],
      ['order.cancel', { orderId: '7' }],
    ]);
  });
});
