import {
  ADMIN_TOKEN,
  ALICE,
  BOB,
  JWT_SECRET,
  openHttpShop,
  tokenOf,
  type HttpShop,
} from '../../test/helpers/http-shop';

interface Route {
  readonly method: string;
  readonly path: string;
  readonly body?: unknown;
}

/** Each asks for something of Alice's. */
const CUSTOMER_ROUTES: readonly Route[] = [
  { method: 'POST', path: '/order', body: { userId: ALICE } },
  { method: 'GET', path: '/order/7' },
  { method: 'POST', path: '/order/7/cancel' },
  { method: 'POST', path: '/pay/createPayment', body: { orderId: '7', payAmount: '1.00' } },
  { method: 'GET', path: '/pay/8' },
  { method: 'GET', path: `/user/${ALICE}` },
  { method: 'GET', path: `/coupon?userId=${ALICE}` },
];

const ADMIN_ROUTES: readonly Route[] = [
  { method: 'POST', path: '/admin/goods', body: {} },
  { method: 'PATCH', path: '/admin/goods/1', body: { goodsPrice: '5.00' } },
  { method: 'POST', path: '/admin/stock', body: {} },
  { method: 'POST', path: '/admin/coupons', body: {} },
  { method: 'POST', path: '/admin/recharge', body: {} },
  { method: 'POST', path: '/admin/orders/7/ship' },
  { method: 'POST', path: '/admin/payments/8/refund' },
  { method: 'GET', path: '/admin/orders/stuck' },
  { method: 'GET', path: '/admin/dead-letters' },
  { method: 'POST', path: '/admin/dead-letters/redrive', body: {} },
  { method: 'GET', path: '/admin/outbox' },
  { method: 'POST', path: '/admin/outbox/replay', body: { topic: 'payTopic' } },
  { method: 'GET', path: '/admin/audit' },
];

const PUBLIC_ROUTES: readonly Route[] = [
  { method: 'GET', path: '/goods' },
  { method: 'GET', path: '/goods/1' },
  { method: 'POST', path: '/pay/callbackPayment', body: {} },
  { method: 'POST', path: '/pay/callbackPayment/sandbox', body: {} },
  { method: 'GET', path: '/healthz' },
  { method: 'GET', path: '/readyz' },
  { method: 'GET', path: '/metrics' },
  { method: 'GET', path: '/docs/json' },
  { method: 'GET', path: '/' },
];

describe('access', () => {
  let shop: HttpShop;
  beforeEach(async () => (shop = await openHttpShop()));
  afterEach(() => shop.close());

  test.each(CUSTOMER_ROUTES)('$method $path is for its owner only', async ({ method, path, body }) => {
    const missing = await shop.ask(method, path, { body });
    expect([missing.status, missing.json?.code]).toEqual([401, 80001]);
    expect(missing.headers.get('www-authenticate')).toBe('Bearer');
    expect((await shop.ask(method, path, { body, token: ADMIN_TOKEN })).status).toBe(401);
    expect(shop.calls).toEqual([]);

    const other = await shop.ask(method, path, { body, token: tokenOf(BOB) });
    expect([other.status, other.json?.code, other.json?.data]).toEqual([403, 80002, null]);
    expect(shop.calls.filter(({ request }) => !request.endsWith('.find'))).toEqual([]);

    expect((await shop.ask(method, path, { body, token: tokenOf(ALICE) })).status).toBe(200);
  });

  test.each(ADMIN_ROUTES)('$method $path takes the admin token only', async ({ method, path, body }) => {
    for (const token of [undefined, '', `${ADMIN_TOKEN}x`, ADMIN_TOKEN.slice(1), tokenOf(ALICE)]) {
      const refused = await shop.ask(method, path, { body, token });
      expect([refused.status, refused.json?.code]).toEqual([401, 80001]);
    }
    expect(shop.calls).toEqual([]);
    expect((await shop.ask(method, path, { body, token: ADMIN_TOKEN })).status).toBe(200);
  });

  test.each(PUBLIC_ROUTES)('$method $path is public', async ({ method, path, body }) => {
    expect((await shop.ask(method, path, { body })).status).toBe(200);
  });

  test('a list of orders is always the own one', async () => {
    const answer = await shop.ask('GET', '/order?limit=2&after=9', { token: tokenOf(BOB) });
    expect(answer.status).toBe(200);
    expect(shop.pages).toEqual([{ list: 'orders', userId: BOB, page: { limit: 2, after: '9' } }]);
    expect((await shop.ask('GET', '/order')).status).toBe(401);
  });

  test.each([
    ['of another secret', tokenOf(ALICE, { key: `${JWT_SECRET}.` })],
    ['of another algorithm', tokenOf(ALICE, { algorithm: 'HS512' })],
    ['whose sub is no id', tokenOf('alice')],
    ['that has expired', tokenOf(ALICE, { expiresIn: -1_000 })],
    [
      'without signature',
      `${Buffer.from('{"alg":"none"}').toString('base64url')}.${Buffer.from(`{"sub":"${ALICE}"}`).toString('base64url')}.`,
    ],
    ['that is none', 'nonsense'],
  ])('a token %s is refused', async (_what, token) => {
    const answer = await shop.ask('GET', `/user/${ALICE}`, { token });
    expect([answer.status, answer.json?.code]).toEqual([401, 80001]);
  });

  test('a token expires although its verification is remembered', async () => {
    const token = tokenOf(ALICE, { expiresIn: 60_000 });
    expect((await shop.ask('GET', `/user/${ALICE}`, { token })).status).toBe(200);
    const later = Date.now() + 61_000;
    const clock = jest.spyOn(Date, 'now').mockReturnValue(later);
    try {
      const answer = await shop.ask('GET', `/user/${ALICE}`, { token });
      expect([answer.status, answer.json?.message]).toEqual([401, 'The token has expired.']);
    } finally {
      clock.mockRestore();
    }
  });

  test('data of another user stays hidden also in a refusal', async () => {
    shop.scripts['order.find'] = () => ({
      code: 'SHOP_ORDER_CANCELLED',
      data: { userId: ALICE, address: 'x' },
    });
    const answer = await shop.ask('GET', '/order/7', { token: tokenOf(BOB) });
    expect([answer.status, answer.json?.data]).toEqual([403, null]);
  });

  test('an unknown order is not found', async () => {
    shop.scripts['order.find'] = () => ({ code: 'SHOP_ORDER_NO_EXIST' });
    for (const [method, path] of [
      ['GET', '/order/7'],
      ['POST', '/order/7/cancel'],
      ['GET', '/pay/8'],
    ] as const) {
      const answer = await shop.ask(method, path, { token: tokenOf(ALICE) });
      expect([answer.status, answer.json?.code]).toEqual([404, 10006]);
    }
  });
});
