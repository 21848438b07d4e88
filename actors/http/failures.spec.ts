import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { RetryableError } from '../domain/errors';
import { ALICE, openHttpShop, tokenOf, type HttpShop } from '../../test/helpers/http-shop';

describe('failures over HTTP', () => {
  let shop: HttpShop;
  const token = tokenOf(ALICE);
  beforeAll(async () => (shop = await openHttpShop()));
  afterAll(() => shop.close());
  beforeEach(() => {
    shop.logged.length = 0;
    shop.calls.length = 0;
  });

  const raw = (request: string): Promise<string> => {
    const socket = connect(shop.port, '127.0.0.1');
    socket.end(request);
    return text(socket);
  };
  const json = { 'content-type': 'application/json' };
  const long = '9'.repeat(200);

  test.each([
    ['an unknown address', 'GET', '/nowhere', {}, 404, 80005],
    ['an unknown address of operators', 'GET', '/admin/nowhere', {}, 404, 80005],
    ['a wrong method', 'DELETE', '/order', {}, 405, 80005],
    ['a body that is no JSON', 'POST', '/order', { raw: '{', headers: json }, 400, -1],
    [
      'a body of a wrong type',
      'POST',
      '/order',
      { raw: 'a=b', headers: { 'content-type': 'text/plain' } },
      415,
      -1,
    ],
    ['a type that is none', 'POST', '/order', { raw: '{}', headers: { 'content-type': 'json' } }, 415, -1],
    ['a prototype', 'POST', '/order', { raw: '{"__proto__":{"userId":"1"}}', headers: json }, 400, -1],
    ['a constructor', 'POST', '/order', { raw: '{"constructor":{"prototype":{}}}', headers: json }, 400, -1],
    [
      'a body that is too large',
      'POST',
      '/order',
      { raw: `"${'x'.repeat(65_536)}"`, headers: json },
      413,
      80006,
    ],
    ['an id that is none', 'GET', '/order/seven', {}, 400, -1],
    ['an id with a sign', 'GET', '/goods/-1', {}, 400, -1],
    ['an id that is too large', 'GET', '/goods/9000000000000000000', {}, 400, -1],
    ['an id that is too long', 'GET', `/goods/${long}`, {}, 400, -1],
    ['a broken escape', 'GET', '/goods/%zz', {}, 400, -1],
    ['a limit that is too large', 'GET', '/goods?limit=201', {}, 400, -1],
    ['a limit that is no number', 'GET', '/goods?limit=ten', {}, 400, -1],
    ['two limits', 'GET', '/goods?limit=1&limit=2', {}, 400, -1],
    ['a page after no id', 'GET', '/goods?after=x', {}, 400, -1],
    ['an unknown parameter', 'GET', '/goods?offset=1', {}, 400, -1],
    ['coupons of nobody', 'GET', '/coupon', {}, 400, -1],
    ['a file outside', 'GET', '/..%2fpackage.json', {}, 404, 80005],
  ])('%s', async (_what, method, path, ask, status, code) => {
    const answer = await shop.ask(method, path, { token, ...ask });
    expect([answer.status, answer.json?.code, answer.json?.success, answer.json?.data]).toEqual([
      status,
      code,
      false,
      null,
    ]);
    expect(Object.keys(answer.json ?? {})).toEqual(['success', 'code', 'message', 'data']);
    expect(answer.headers.get('x-request-id')).toMatch(/^[\da-f]{8}-/);
    expect([shop.calls, shop.logged]).toEqual([[], []]);
  });

  test('a wrong method names those that are right', async () => {
    const answer = await shop.ask('DELETE', '/order/7', { token });
    expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'GET, HEAD']);
  });

  test('a limit is converted, a body is not', async () => {
    expect((await shop.ask('GET', '/goods?limit=7')).status).toBe(200);
    expect(shop.pages.at(-1)).toEqual({ list: 'goods', page: { limit: 7, after: undefined } });
    const answer = await shop.ask('POST', '/login', { body: { userId: ALICE, password: 5 } });
    expect([answer.status, answer.json?.message]).toEqual([400, '/password must be string']);
  });

  test('what breaks shows no internals, and is logged under the id that the answer has', async () => {
    shop.scripts['goods.find'] = () => {
      throw new Error('secret internals');
    };
    const answer = await shop.ask('GET', '/goods/1');
    expect([answer.status, answer.json?.code]).toEqual([500, 0]);
    expect(answer.text).not.toContain('secret');
    expect(shop.logged).toContainEqual(
      expect.objectContaining({
        reqId: answer.headers.get('x-request-id'),
        err: expect.objectContaining({ message: 'secret internals' }) as unknown,
      }),
    );
  });

  test('what breaks behind the front door is logged under the id, too', async () => {
    shop.scripts['goods.find'] = () => ({ code: 'SHOP_FAIL' });
    const answer = await shop.ask('GET', '/goods/1');
    expect(shop.logged).toContainEqual(
      expect.objectContaining({ reqId: answer.headers.get('x-request-id') }),
    );
  });

  test('what is away only for now may be tried again', async () => {
    shop.scripts['goods.find'] = () => Promise.reject(new RetryableError('the database is away'));
    const answer = await shop.ask('GET', '/goods/1');
    expect([answer.status, answer.json?.code, answer.headers.get('retry-after')]).toEqual([503, 80004, '1']);
    expect(shop.logged).toEqual([]);
  });

  test.each([
    ['what is no HTTP', 'NONSENSE\r\n\r\n', /^HTTP\/1\.1 400 Bad Request\r\n/],
    [
      'what expects more than an answer',
      'GET /goods/1 HTTP/1.1\r\nhost: x\r\nexpect: more\r\n\r\n',
      /^HTTP\/1\.1 417 /,
    ],
  ])('%s gets an envelope and is sent away', async (_what, request, status) => {
    const answer = await raw(request);
    expect(answer).toMatch(status);
    expect(JSON.parse(answer.slice(answer.indexOf('{')))).toMatchObject({ success: false, code: -1 });
  });

  test('who names no host is answered as anybody', async () => {
    const answer = await raw('GET /nowhere HTTP/1.1\r\nconnection: close\r\n\r\n');
    expect(JSON.parse(answer.slice(answer.indexOf('{')))).toMatchObject({ success: false, code: 80005 });
  });
});
