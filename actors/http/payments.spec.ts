import { ALICE, openHttpShop, tokenOf, type HttpShop } from '../../test/helpers/http-shop';

describe('payments over HTTP', () => {
  let shop: HttpShop;
  beforeEach(async () => (shop = await openHttpShop()));
  afterEach(() => shop.close());

  const NO_TEXT = Uint8Array.from(Array.from({ length: 256 }, (_, byte) => 255 - byte));

  test.each([
    ['JSON', 'application/json'],
    ['a form', 'application/x-www-form-urlencoded'],
    ['bytes', 'application/octet-stream'],
    ['text', 'text/plain; charset=utf-16'],
  ])('a callback that calls itself %s arrives byte by byte', async (_what, type) => {
    const answer = await shop.ask('POST', '/pay/callbackPayment', {
      raw: NO_TEXT,
      headers: { 'content-type': type, 'x-signature': 'c2lnbmVk' },
    });
    expect(shop.callbacks).toEqual([
      { provider: undefined, bytes: Buffer.from(NO_TEXT), signature: 'c2lnbmVk' },
    ]);
    expect([answer.status, answer.text]).toEqual([200, 'success']);
    expect(answer.headers.get('content-type')).toBe('text/plain; charset=utf-8');
  });

  test('a callback may name no type, its platform in the address, or nothing at all', async () => {
    await shop.ask('POST', '/pay/callbackPayment/sandbox', { raw: Buffer.from('{"a": 1 }') });
    await shop.ask('POST', '/pay/callbackPayment');
    expect(shop.callbacks).toEqual([
      { provider: 'sandbox', bytes: Buffer.from('{"a": 1 }'), signature: undefined },
      { provider: undefined, bytes: Buffer.alloc(0), signature: undefined },
    ]);
  });

  test('a callback that is refused gets the envelope, never the literal', async () => {
    shop.onCallback = () => Promise.resolve({ code: 'SHOP_PAYMENT_SIGNATURE_INVALID' });
    const answer = await shop.ask('POST', '/pay/callbackPayment', { body: {} });
    expect([answer.status, answer.json?.code]).toEqual([401, 70004]);
    expect(answer.headers.get('www-authenticate')).toBeNull();
  });

  test('a callback that is too large is not taken', async () => {
    const answer = await shop.ask('POST', '/pay/callbackPayment', { raw: new Uint8Array(65_537) });
    expect([answer.status, answer.json?.code, shop.callbacks.length]).toEqual([413, 80006, 0]);
  });

  test('a payment is made after its order is known to be the own one', async () => {
    const body = { orderId: '7', payAmount: '1.00' };
    expect((await shop.ask('POST', '/pay/createPayment', { token: tokenOf(ALICE), body })).status).toBe(200);
    expect(shop.calls.map(({ request, body: asked }) => [request, asked])).toEqual([
      ['order.find', { orderId: '7' }],
      ['payment.create', body],
    ]);
  });

  test('an order that is no id is refused as the front door refuses it', async () => {
    shop.scripts['order.find'] = () => ({
      code: 'SHOP_REQUEST_PARAMETER_VALID',
      detail: '/orderId must be string',
    });
    const answer = await shop.ask('POST', '/pay/createPayment', { token: tokenOf(ALICE), body: [] });
    expect([answer.status, answer.json?.message]).toEqual([400, '/orderId must be string']);
  });
});
