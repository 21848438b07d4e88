import { ADMIN_TOKEN, openHttpShop, type HttpShop } from '../../test/helpers/http-shop';

describe('what operators do', () => {
  let shop: HttpShop;
  const token = ADMIN_TOKEN;
  beforeEach(async () => (shop = await openHttpShop()));
  afterEach(() => shop.close());
  const get = (path: string) => shop.ask('GET', `/admin${path}`, { token });
  const post = (path: string, body?: unknown) => shop.ask('POST', `/admin${path}`, { token, body });

  test.each([
    ['/goods', 'goods.create', { goodsName: 'Tea' }],
    ['/stock', 'goods.restock', { goodsId: '1' }],
    ['/coupons', 'coupon.issue', { userId: '2' }],
    ['/recharge', 'wallet.recharge', { amount: '3.00' }],
  ])('%s asks for %s with the body as it came', async (path, request, body) => {
    expect((await post(path, body)).status).toBe(200);
    expect(shop.calls).toEqual([{ request, body, context: {} }]);
  });

  test('the ids of addresses become those of requests', async () => {
    await post('/orders/7/ship');
    await post('/payments/8/refund');
    await shop.ask('PATCH', '/admin/goods/9', { token, body: { goodsPrice: '5.00' } });
    expect(shop.calls.map(({ request, body }) => [request, body])).toEqual([
      ['order.ship', { orderId: '7' }],
      ['payment.refund', { payId: '8' }],
      ['goods.price', { goodsId: '9', goodsPrice: '5.00' }],
    ]);
    const other = await shop.ask('PATCH', '/admin/goods/9', {
      token,
      body: { goodsId: '1', goodsPrice: '5.00' },
    });
    expect([other.status, other.json?.code, shop.calls.length]).toEqual([400, -1, 3]);
  });

  test('orders and payments are found, or are not', async () => {
    expect((await get('/orders/7')).json?.code).toBe(10006);
    expect((await get('/payments/8')).json?.code).toBe(70001);
    shop.operations.order = (orderId) => Promise.resolve({ orderId });
    expect((await get('/orders/7')).json?.data).toEqual({ orderId: '7' });
    expect((await get('/orders/seven')).json?.code).toBe(-1);
    expect((await get('/orders/stuck?limit=3')).json?.data).toMatchObject([{ limit: 3 }]);
    expect((await get('/orders/stuck?compensation=failed&after=7')).json?.data).toMatchObject([
      { limit: 50, after: '7', compensation: 'failed' },
    ]);
    expect((await get('/orders/stuck?compensation=perhaps')).json?.code).toBe(-1);
    expect((await get('/payments/refunds?after=T:1')).json?.data).toEqual([{ limit: 50, after: 'T:1' }]);
  });

  test('dead letters are listed by pages and re-driven by name', async () => {
    const asked: unknown[] = [];
    shop.operations.deadLetters = (...page) => Promise.resolve([asked.push(page)] as never);
    await get('/dead-letters');
    await get(`/dead-letters?limit=5&after=${encodeURIComponent('2026|a:b')}`);
    expect(asked).toEqual([
      [50, undefined],
      [5, '2026|a:b'],
    ]);
    expect((await get('/dead-letters/retrying?limit=5')).json?.data).toEqual([]);
    expect((await post('/dead-letters/redrive', {})).json?.data).toEqual({ redriven: 0 });
    expect((await post('/dead-letters/redrive', { key: '7' })).json?.code).toBe(60004);
    expect((await post('/dead-letters/redrive', { kee: '7' })).json?.code).toBe(-1);
    expect((await post('/dead-letters/redrive')).json?.code).toBe(-1);
  });

  test('the outbox is counted and replayed by topic', async () => {
    expect((await get('/outbox')).json?.data).toEqual({ unsent: 1, sent: 2 });
    expect((await post('/outbox/replay', { topic: 'payTopic', key: '8' })).json?.data).toEqual({
      replayed: 3,
    });
    expect((await post('/outbox/replay', { topic: 'noTopic' })).json?.code).toBe(60001);
  });

  test('the audit adopts rows only if it is told to', async () => {
    expect((await get('/audit')).json?.data).toEqual({ clean: false, rules: [] });
    expect((await get('/audit?adopt=1')).json?.data).toEqual({ clean: true, rules: [] });
    expect((await get('/audit?adopt=true')).json?.data).toEqual({ clean: true, rules: [] });
    expect((await get('/audit?adopt=perhaps')).json?.code).toBe(-1);
  });
});
