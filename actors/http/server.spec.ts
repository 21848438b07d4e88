import { once } from 'node:events';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import type { FrontReply } from '../domain/front-door';
import { ALICE, JWT_SECRET, openHttpShop, tokenOf, type HttpShop } from '../../test/helpers/http-shop';
import { Admission } from '../front-door/admission';
import { createHttpServer } from './server';

/** A front door's answer that comes when it is told to, and a sign that it was asked for. */
function gate() {
  let open: (reply: FrontReply) => void = () => undefined;
  let ring: () => void = () => undefined;
  const reply = new Promise<FrontReply>((resolve) => (open = resolve));
  const asked = new Promise<void>((resolve) => (ring = resolve));
  const script = (): Promise<FrontReply> => {
    ring();
    return reply;
  };
  return { open: () => open({ code: 'SHOP_SUCCESS' }), asked, script };
}

describe('the HTTP server', () => {
  let shop: HttpShop;
  afterEach(() => shop.close());
  const token = tokenOf(ALICE);

  test('its documentation lists every route', async () => {
    const access = {
      jwtSecret: JWT_SECRET,
      adminToken: 'a',
      demo: true,
      verifyPassword: () => Promise.resolve(false),
    };
    shop = await openHttpShop({ access });
    const { paths, openapi } = (await shop.ask('GET', '/docs/json')).json as unknown as {
      paths: Record<string, Record<string, { requestBody?: unknown; security?: unknown }>>;
      openapi: string;
    };
    expect(openapi).toBe('3.1.0');
    const routes = Object.entries(paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
    );
    expect(routes.sort()).toEqual(
      [
        ...['POST /order', 'GET /order', 'GET /order/{id}', 'POST /order/{id}/cancel'],
        ...['POST /pay/createPayment', 'POST /pay/callbackPayment', 'POST /pay/callbackPayment/{provider}'],
        ...['GET /pay/{id}', 'GET /goods', 'GET /goods/{id}', 'GET /user/{id}', 'GET /coupon', 'POST /login'],
        ...['POST /admin/goods', 'PATCH /admin/goods/{id}', 'POST /admin/stock', 'POST /admin/coupons'],
        ...[
          'POST /admin/recharge',
          'POST /admin/orders/{id}/ship',
          'POST /admin/orders/{id}/refund',
          'POST /admin/payments/{id}/refund',
        ],
        ...['GET /admin/orders/{id}', 'GET /admin/payments/{id}', 'GET /admin/orders/stuck'],
        ...['GET /admin/payments/refunds', 'GET /admin/dead-letters/retrying'],
        ...['GET /admin/dead-letters', 'POST /admin/dead-letters/redrive', 'GET /admin/outbox'],
        ...['POST /admin/outbox/replay', 'GET /admin/audit', 'GET /healthz', 'GET /readyz', 'GET /metrics'],
        'POST /demo/token',
      ].sort(),
    );
    expect(JSON.stringify(paths['/order']?.['post']?.requestBody)).toContain('goodsPrice');
    expect(paths['/order']?.['post']?.security).toEqual([{ customer: [] }]);
    expect(paths['/admin/audit']?.['get']?.security).toEqual([{ operator: [] }]);
    expect((await shop.ask('GET', '/docs')).status).toBe(200);
  });

  test('its documentation says what is answered', async () => {
    shop = await openHttpShop();
    type Answers = Record<string, { content: Record<string, { schema: { required?: unknown } }> }>;
    const { paths } = (await shop.ask('GET', '/docs/json')).json as unknown as {
      paths: Record<string, Record<string, { responses: Answers }>>;
    };
    const typesOf = (path: string): Record<string, string[]> =>
      Object.fromEntries(
        Object.entries(paths[path]?.['post']?.responses ?? {}).map(([status, { content }]) => [
          status,
          Object.keys(content),
        ]),
      );
    const envelope = ['application/json'];
    for (const path of ['/pay/callbackPayment', '/pay/callbackPayment/{provider}']) {
      expect(typesOf(path)).toEqual({ 200: ['text/plain'], '4XX': envelope, '5XX': envelope });
    }
    for (const path of ['/order', '/order/{id}/cancel', '/pay/createPayment']) {
      expect(typesOf(path)).toEqual({ 200: envelope, 202: envelope, '4XX': envelope, '5XX': envelope });
    }
    const [ordered, pending] = ['200', '202'].map(
      (status) => paths['/order']?.['post']?.responses[status]?.content['application/json']?.schema.required,
    );
    expect(pending).toEqual(ordered);
  });

  test('tells whether it lives and why it cannot work', async () => {
    let reasons: string[] = [];
    shop = await openHttpShop({ isReady: () => ({ ready: reasons.length === 0, reasons }) });
    expect((await shop.ask('GET', '/readyz')).status).toBe(200);
    reasons = ['the broker is away'];
    const answer = await shop.ask('GET', '/readyz');
    expect([answer.status, answer.json?.message, answer.json?.data]).toEqual([
      503,
      'the broker is away',
      { ready: false, reasons },
    ]);
    expect((await shop.ask('GET', '/healthz')).status).toBe(200);
  });

  test('counts requests by route, not by address', async () => {
    shop = await openHttpShop();
    await shop.ask('GET', '/goods/1');
    await shop.ask('GET', '/goods/2');
    await shop.ask('GET', '/nowhere/3');
    const { text: metrics } = await shop.ask('GET', '/metrics');
    expect(metrics).toContain('trade_http_requests_total{method="GET",route="/goods/:id",status="200"} 2');
    expect(metrics).toContain('trade_http_requests_total{method="GET",route="unknown",status="404"} 1');
    expect(metrics).toContain('trade_http_request_seconds_count{method="GET",route="/goods/:id"} 2');
    expect(metrics).toContain('trade_http_in_flight 0');
  });

  test('serves the page of the shop, which may load nothing from elsewhere', async () => {
    shop = await openHttpShop();
    for (const [path, type] of [
      ['/', 'text/html'],
      ['/shop.js', 'application/javascript'],
      ['/shop.css', 'text/css'],
    ] as const) {
      const page = await shop.ask('GET', path);
      expect([page.status, page.headers.get('content-type')?.split(';')[0]]).toEqual([200, type]);
      expect(page.headers.get('content-security-policy')).toContain("default-src 'self'");
    }
  });

  test('says busy above its bound, and goes on', async () => {
    shop = await openHttpShop({ admission: new Admission(2) });
    const slow = gate();
    shop.scripts['order.place'] = slow.script;
    const place = () => shop.ask('POST', '/order', { token, body: { userId: ALICE } });
    const taken = [place(), place()];
    while (shop.calls.length < 2) await slow.asked.then(() => new Promise(setImmediate));
    const refused = await place();
    expect([refused.status, refused.json?.code, refused.headers.get('retry-after')]).toEqual([
      503,
      80003,
      '1',
    ]);
    expect((await shop.ask('GET', '/healthz')).status).toBe(200);
    slow.open();
    expect((await Promise.all(taken)).map(({ status }) => status)).toEqual([200, 200]);
    expect((await place()).status).toBe(200);
  });

  test('refuses on connections that are too many, and closes them, while the others go on', async () => {
    const places: string[] = [];
    shop = await openHttpShop({ mostConnections: 2, onBusy: (place) => places.push(place) });
    const request = 'GET /goods/1 HTTP/1.1\r\nHost: shop\r\n\r\n';
    const open = async () => {
      const socket = connect(shop.port, '127.0.0.1');
      await once(socket, 'connect');
      return socket;
    };
    const first = await open();
    await open();
    const late = await open();
    const refused = text(late);
    late.write(request);
    const answer = await refused;
    expect(answer).toMatch(/^HTTP\/1\.1 503 .*\r\n/);
    expect(answer.toLowerCase()).toContain('retry-after: 1\r\n');
    expect(answer.toLowerCase()).toContain('connection: close\r\n');
    expect(answer).toContain('"code":80003');
    first.write(request);
    expect(String((await once(first, 'data'))[0])).toMatch(/^HTTP\/1\.1 200 /);
    expect(places).toEqual(['connections']);
  });

  test('lets in so many operators at once, whatever customers do', async () => {
    const places: string[] = [];
    const admission = new Admission<'http' | 'nats'>(0);
    shop = await openHttpShop({ mostOperators: 1, admission, onBusy: (place) => places.push(place) });
    const slow = gate();
    shop.operations.outbox = () =>
      slow.script().then(() => ({ unsent: 0, sent: 0, oldestUnsent: undefined }));
    const look = () => shop.ask('GET', '/admin/outbox', { token: 'admin-token-of-the-tests' });
    const taken = look();
    await slow.asked;
    const refused = await look();
    expect([refused.status, refused.json?.code, refused.headers.get('retry-after')]).toEqual([
      503,
      80003,
      '1',
    ]);
    expect((await shop.ask('GET', '/goods/1')).status).toBe(503);
    slow.open();
    expect((await taken).status).toBe(200);
    expect((await look()).status).toBe(200);
    expect(places).toEqual(['operators']);
  });

  test('lets what is under way end when it closes, and refuses what comes then', async () => {
    shop = await openHttpShop();
    const slow = gate();
    shop.scripts['goods.find'] = slow.script;
    const taken = shop.ask('GET', '/goods/1');
    await slow.asked;
    const closed = shop.close();
    let ready = await shop.ask('GET', '/readyz');
    while (ready.status === 200) ready = await shop.ask('GET', '/readyz');
    expect([ready.json?.message, ready.headers.get('connection')]).toEqual(['the node stops', 'close']);
    const refused = await shop.ask('GET', '/goods/2');
    expect([refused.status, refused.json?.code]).toEqual([503, 80003]);
    slow.open();
    const answer = await taken;
    expect([answer.status, answer.headers.get('connection')]).toEqual([200, 'close']);
    await closed;
    await expect(shop.ask('GET', '/healthz')).rejects.toThrow();
  });

  test('closes in time although a request never ends', async () => {
    shop = await openHttpShop({ drainMs: 1 });
    const never = gate();
    shop.scripts['goods.find'] = never.script;
    const taken = shop.ask('GET', '/goods/1');
    const failed = expect(taken).rejects.toThrow();
    await never.asked;
    await shop.close();
    await failed;
  });

  test('answers pipelined requests in their order', async () => {
    shop = await openHttpShop();
    const socket = connect(shop.port, '127.0.0.1');
    socket.end(
      ['/goods/1', '/goods/2', '/healthz']
        .map((path) => `GET ${path} HTTP/1.1\r\nHost: shop\r\n\r\n`)
        .join(''),
    );
    const answers = await text(socket);
    expect(answers.match(/"goodsId":"\d"|"alive":true/g)).toEqual([
      '"goodsId":"1"',
      '"goodsId":"2"',
      '"alive":true',
    ]);
  });

  test('does not start without an admin token', async () => {
    shop = await openHttpShop();
    const access = {
      jwtSecret: JWT_SECRET,
      adminToken: '',
      demo: false,
      verifyPassword: () => Promise.resolve(false),
    };
    await expect(createHttpServer({ access } as never)).rejects.toThrow('admin token');
  });
});
