import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { newNkey } from '../test/helpers/nats-identities';
import { ConfigError, describeConfig, loadConfig, type Config, type LoadOptions } from './config';

type Env = Record<string, string | undefined>;

const SERVERS = { DATABASE_URL: 'postgres://shop:geheim@db/trade', NATS_URL: 'nats://n1:4222,n2:4222' };
const NKEY_SEED = newNkey().seed;
const SECRETS = { JWT_SECRET: 'j'.repeat(32), ADMIN_TOKEN: 'admin' };

let dataDir: string;
beforeEach(() => (dataDir = mkdtempSync(join(tmpdir(), 'trade-config-'))));
afterEach(() => rmSync(dataDir, { recursive: true }));

const load = (env: Env = {}, flags: Env = {}, options: LoadOptions = {}): Config =>
  loadConfig({ dataDir, ...flags }, env, { envFile: join(dataDir, '.env'), ...options });

function faultsOf(env: Env, options?: LoadOptions): readonly string[] {
  try {
    load(env, {}, options);
  } catch (error) {
    if (error instanceof ConfigError) return error.faults;
    throw error;
  }
  return [];
}

test('nothing set: one embedded demo node on this machine', () => {
  const config = load();
  expect(config).toMatchObject({
    embedded: true,
    demo: true,
    shards: 64,
    logLevel: 'info',
    nats: undefined,
    http: { host: '127.0.0.1', port: 3000 },
    sandbox: { port: 3001, url: 'http://127.0.0.1:3001', publicUrl: 'http://127.0.0.1:3001' },
    orders: {
      expiresAfterMs: 1_800_000,
      placeDeadlineMs: 10_000,
      stepTimeoutMs: 2_000,
      confirmEvents: false,
    },
  });
  expect(config.databaseUrls.order).toBeUndefined();
  expect(Object.isFrozen(config.orders)).toBe(true);
});

test('on another address the bridge and the sandbox are found there, unless it is all of them', () => {
  expect(load({ HOST: '192.168.1.5', PORT: '3100' })).toMatchObject({
    http: { host: '192.168.1.5', publicUrl: 'http://192.168.1.5:3100' },
    sandbox: { url: 'http://192.168.1.5:3001', publicUrl: 'http://192.168.1.5:3001' },
  });
  expect(load({ HOST: '0.0.0.0' })).toMatchObject({
    http: { host: '0.0.0.0', publicUrl: 'http://127.0.0.1:3000' },
    sandbox: { url: 'http://127.0.0.1:3001' },
  });
});

test('flags win over the environment, the environment over .env, .env over defaults', () => {
  writeFileSync(join(dataDir, '.env'), 'PORT=1\nSHARDS=8\nLOG_LEVEL=debug\n');
  const config = load({ PORT: '2', SHARDS: '16' }, { port: '3' });
  expect(config.http.port).toBe(3);
  expect(config.shards).toBe(16);
  expect(config.logLevel).toBe('debug');
});

test('with servers there is no demo, and each kind may have its own database', () => {
  const config = load({ ...SERVERS, ...SECRETS, PAYMENT_DATABASE_URL: 'postgresql://db2/pay' });
  expect(config).toMatchObject({
    demo: false,
    embedded: false,
    sandbox: undefined,
    http: { host: '0.0.0.0' },
  });
  expect(config.nats?.servers).toEqual(['nats://n1:4222', 'nats://n2:4222']);
  expect(config.databaseUrls).toMatchObject({
    order: SERVERS.DATABASE_URL,
    payment: 'postgresql://db2/pay',
    'pay-log': 'postgresql://db2/pay',
  });
});

test('servers and DEMO=1 are enough for a demo; its secrets are kept for the owner only', () => {
  const first = load({ ...SERVERS, DEMO: '1' });
  const second = load({ ...SERVERS, DEMO: '1' });
  expect(second.access).toEqual(first.access);
  expect(first.access.jwtSecret.length).toBeGreaterThanOrEqual(32);
  const path = join(dataDir, 'secrets.json');
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual(first.access);
});

test('whoever only reads finds the secrets that are kept, and makes none', () => {
  const reading = { serving: false };
  const nowhere = join(dataDir, 'mistyped');
  expect(load({}, { dataDir: nowhere }, reading).access).toEqual({ jwtSecret: '', adminToken: '' });
  expect(existsSync(nowhere)).toBe(false);
  const { access } = load();
  expect(load({}, {}, reading).access).toEqual(access);
});

test('a secret that is given wins over the one that is kept', () => {
  load();
  expect(load({ ADMIN_TOKEN: 'mine' }).access.adminToken).toBe('mine');
});

test('a platform that another process serves is not served here', () => {
  expect(load({ SANDBOX_URL: 'http://pay:9/' }).sandbox).toEqual({
    port: 0,
    url: 'http://pay:9',
    publicUrl: 'http://pay:9',
  });
  expect(load({ SANDBOX_PORT: '0' }).sandbox).toBeUndefined();
});

test('DEMO=0 is no sandbox, wherever one would be', () => {
  const places = { SANDBOX_URL: 'http://pay:9', PUBLIC_SANDBOX_URL: 'http://pay:9', SANDBOX_PORT: '3001' };
  expect(load({ ...SERVERS, ...SECRETS, ...places, DEMO: '0' })).toMatchObject({
    demo: false,
    sandbox: undefined,
  });
});

test.each<[string, Env, RegExp]>([
  ['NATS without PostgreSQL', { NATS_URL: 'nats://n1' }, /^NATS_URL needs DATABASE_URL/],
  ['no secret with servers', { ...SERVERS, ADMIN_TOKEN: 'a' }, /^JWT_SECRET must be set/],
  ['a short secret', { JWT_SECRET: 'short' }, /^JWT_SECRET must have at least 32/],
  ['no admin token with servers', { ...SERVERS, JWT_SECRET: SECRETS.JWT_SECRET }, /^ADMIN_TOKEN must be set/],
  ['no secrets without the demo', { DEMO: '0', ADMIN_TOKEN: 'a' }, /^JWT_SECRET must be set/],
  ['a demo in production', { NODE_ENV: 'production' }, /^DEMO must not be 1/],
  ['a sandbox without the demo', { ...SERVERS, ...SECRETS, SANDBOX_PORT: '3001' }, /^SANDBOX_PORT must be 0/],
  [
    'a sandbox elsewhere without the demo',
    { ...SERVERS, ...SECRETS, SANDBOX_URL: 'http://p' },
    /^SANDBOX_URL/,
  ],
  [
    'kinds without a database',
    { GOODS_DATABASE_URL: 'postgres://g/g', ...SECRETS },
    /^DATABASE_URL is missing/,
  ],
  ['a port that is none', { PORT: '70000' }, /^PORT must be a whole number from 1 to 65535, not '70000'/],
  ['a flag that is none', { DEMO: 'maybe' }, /^DEMO must be 1 or 0/],
  ['a time without a unit', { ORDER_EXPIRES_AFTER: '30' }, /^ORDER_EXPIRES_AFTER must be a length of time/],
  ['a time that is none', { STEP_TIMEOUT: 'soon' }, /^STEP_TIMEOUT must be a length of time/],
  ['a level that is none', { LOG_LEVEL: 'loud' }, /^LOG_LEVEL must be one of/],
  ['a node name of two tokens', { NODE_NAME: 'a.b' }, /^NODE_NAME must be/],
  [
    'another kind of database',
    { DATABASE_URL: 'mysql://db/x' },
    /^DATABASE_URL must be a URL that begins with postgres/,
  ],
  [
    'a NATS URL with a password',
    { ...SERVERS, ...SECRETS, NATS_URL: 'nats://u:p@n1' },
    /^NATS_URL must hold no/,
  ],
  [
    'a certificate without its key',
    { ...SERVERS, ...SECRETS, NATS_CERT: __filename },
    /^NATS_CERT and NATS_KEY go/,
  ],
  ['a seed that is none', { ...SERVERS, ...SECRETS, NATS_NKEY_SEED: 'SUSEED' }, /^NATS_NKEY_SEED is no seed/],
  [
    'a file that is not there',
    { ...SERVERS, ...SECRETS, NATS_CA: '/none.pem' },
    /^NATS_CA cannot be read: ENOENT/,
  ],
  [
    'a file without certificate',
    { ...SERVERS, ...SECRETS, NATS_CA: __filename },
    /^NATS_CA holds no certificate/,
  ],
  [
    'a file without credentials',
    { ...SERVERS, ...SECRETS, NATS_CREDS: __filename },
    /^NATS_CREDS holds no cred/,
  ],
  [
    'a certificate that is none',
    { ...SERVERS, ...SECRETS, NATS_CERT: __filename, NATS_KEY: __filename },
    /^NATS_CERT and NATS_KEY do not go together/,
  ],
  ['half a NATS user', { ...SERVERS, ...SECRETS, NATS_USER: 'u' }, /^NATS_USER and NATS_PASSWORD/],
])('%s is refused in one line', (_, env, line) => {
  const faults = faultsOf(env);
  expect(faults).toHaveLength(1);
  expect(faults[0]).toMatch(line);
});

test('all faults are told at once', () => {
  expect(faultsOf({ PORT: 'x', SHARDS: '0', DEMO: '2' })).toHaveLength(3);
});

test.each(['application_name', 'options', 'statement_timeout', 'lock_timeout', 'query_timeout', 'keepAlive'])(
  'a database URL must not set %s, which would win over what the node sets',
  (parameter) => {
    const url = `postgres://u:geheim@db/x?sslmode=no-verify&${parameter}=geheim`;
    for (const name of ['DATABASE_URL', 'ORDER_DATABASE_URL', 'WALLET_DATABASE_URL']) {
      expect(faultsOf({ ...SERVERS, [name]: url }, { serving: false })).toEqual([
        `${name} must not have the parameter ${parameter}: the node sets it itself`,
      ]);
    }
  },
);

test('a database URL may say how the database is reached', () => {
  const url = 'postgres://u@%2Frun%2Fpostgresql/x?sslmode=verify-full&sslrootcert=/ca.pem&password=geheim';
  expect(load({ DATABASE_URL: url }, {}, { serving: false }).databaseUrls.goods).toBe(url);
});

test('a folder in which nothing can be kept is told by its setting', () => {
  const file = join(dataDir, 'file');
  writeFileSync(file, '');
  expect(() => load({}, { dataDir: file })).toThrow(`nothing can be kept in DATA_DIR (${file}): EEXIST`);
});

test('a wrong URL is not shown, because it may hold a password', () => {
  expect(faultsOf({ DATABASE_URL: 'mysql://u:geheim@db' }).join()).not.toContain('geheim');
});

test('a command that only reads the books needs no secrets', () => {
  expect(faultsOf(SERVERS, { serving: false })).toEqual([]);
});

test('no secret is in what is logged', () => {
  const nats = {
    NATS_TOKEN: 'tok3n',
    NATS_NKEY_SEED: NKEY_SEED,
    NATS_USER: 'u',
    NATS_PASSWORD: 'p4ss',
  };
  const said = JSON.stringify(describeConfig(load({ ...SERVERS, ...SECRETS, ...nats })));
  for (const secret of ['geheim', 'tok3n', NKEY_SEED, 'p4ss', SECRETS.JWT_SECRET])
    expect(said).not.toContain(secret);
  expect(said).toContain('db/trade');
});
