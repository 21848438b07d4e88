import { ALICE, BOB, JWT_SECRET, openHttpShop, type HttpShop } from '../../test/helpers/http-shop';

describe('users over HTTP', () => {
  let shop: HttpShop;
  afterEach(() => shop.close());

  const login = (userId: unknown, password: unknown) =>
    shop.ask('POST', '/login', { body: { userId, password } });

  test('the right password gives a token that works', async () => {
    shop = await openHttpShop();
    const answer = await login(ALICE, 'right');
    const { token, userId, expiresIn } = answer.json?.data as unknown as Record<string, string>;
    expect([answer.status, userId, expiresIn]).toEqual([200, ALICE, 3600]);
    expect((await shop.ask('GET', `/user/${ALICE}`, { token })).status).toBe(200);
    expect((await shop.ask('GET', `/user/${BOB}`, { token })).status).toBe(403);
  });

  test('five wrong passwords a minute, then 429, for this user only', async () => {
    shop = await openHttpShop();
    const statuses: number[] = [];
    for (let attempt = 0; attempt < 6; attempt += 1) statuses.push((await login(ALICE, 'wrong')).status);
    expect(statuses).toEqual([401, 401, 401, 401, 401, 429]);
    const throttled = await login(ALICE, 'right');
    expect([throttled.json?.code, throttled.headers.get('retry-after')]).toEqual([80007, '1']);
    expect((await login(BOB, 'right')).status).toBe(200);
  });

  test('many wrong passwords at once are no way around', async () => {
    let checked = 0;
    shop = await openHttpShop({
      access: {
        jwtSecret: JWT_SECRET,
        adminToken: 'a',
        demo: false,
        verifyPassword: () => Promise.resolve((checked += 1) < 0),
      },
    });
    await Promise.all(Array.from({ length: 30 }, () => login(ALICE, 'wrong')));
    expect(checked).toBe(5);
  });

  test.each([
    [undefined, 'right'],
    ['x', 'right'],
    [ALICE, undefined],
    [ALICE, ''],
    [ALICE, 5],
  ])('a login that does not fit is refused: %j %j', async (userId, password) => {
    shop = await openHttpShop();
    const answer = await login(userId, password);
    expect([answer.status, answer.json?.code]).toEqual([400, -1]);
  });

  test('only a demo gives tokens without a password, and only of its users', async () => {
    shop = await openHttpShop();
    expect((await shop.ask('POST', '/demo/token', { body: { userId: ALICE } })).json?.code).toBe(80005);
    await shop.close();
    const access = {
      jwtSecret: JWT_SECRET,
      adminToken: 'a',
      demo: true,
      verifyPassword: () => Promise.resolve(false),
    };
    shop = await openHttpShop({ access, demoUsers: [ALICE] });
    for (const body of [{ userId: ALICE }, {}]) {
      const answer = await shop.ask('POST', '/demo/token', { body });
      const { token } = answer.json?.data as unknown as { token: string };
      expect((await shop.ask('GET', `/user/${ALICE}`, { token })).status).toBe(200);
    }
    const other = await shop.ask('POST', '/demo/token', { body: { userId: BOB } });
    expect([other.status, other.json?.code]).toEqual([404, 30002]);
  });
});
