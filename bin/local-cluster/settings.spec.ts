import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfigError } from '../settings';
import { readClusterSettings } from './settings';

let dataDir: string;
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'cluster-'));
});
afterEach(() => rmSync(dataDir, { recursive: true }));

const read = (flags: Record<string, string> = {}, env: Record<string, string> = {}) =>
  readClusterSettings({ dataDir, ...flags }, env);

it('makes secrets once, for its owner only, and shares them', () => {
  const { environment } = read();
  expect(environment['JWT_SECRET']).toMatch(/^.{32,}$/);
  expect(statSync(join(dataDir, 'secrets.json')).mode & 0o777).toBe(0o600);
  expect(read().environment).toEqual(environment);
  expect(read({}, { ADMIN_TOKEN: 'mine' }).environment['ADMIN_TOKEN']).toBe('mine');
});

it('starts servers and a demo of its own, and then heeds no other servers', () => {
  const env = { GOODS_DATABASE_URL: 'postgres://elsewhere/goods', NATS_USER: 'shop', LOG_LEVEL: 'debug' };
  const { environment, ...settings } = read({}, env);
  expect(settings).toMatchObject({ nodes: 3, natsServers: 3, port: 3_000, demo: true });
  expect(environment).toMatchObject({ DEMO: '1', LOG_LEVEL: 'debug', HOST: '127.0.0.1', DATA_DIR: dataDir });
  for (const name of Object.keys(env).slice(0, 2)) expect(environment).not.toHaveProperty(name);
});

it('uses the servers that are given, by flag or environment, and then no demo unless it is asked for', () => {
  const env = {
    NATS_URL: 'nats://one:4222,nats://two:4222',
    NATS_USER: 'shop',
    NODE_NAME: 'x',
    PORT: '4000',
  };
  const { environment, ...settings } = read({ databaseUrl: 'postgres://there/trade' }, env);
  expect(settings).toMatchObject({ natsServers: undefined, demo: false, port: 4_000 });
  const { NATS_URL, NATS_USER } = env;
  expect(environment).toMatchObject({
    DATABASE_URL: 'postgres://there/trade',
    NATS_URL,
    NATS_USER,
    DEMO: '0',
  });
  expect(environment).not.toHaveProperty('NODE_NAME');
  expect(environment).not.toHaveProperty('PORT');
});

it('gives its processes the address that is asked for', () => {
  expect(read().host).toBe('127.0.0.1');
  const { host, environment } = read({}, { HOST: '127.0.0.2' });
  expect([host, environment['HOST']]).toEqual(['127.0.0.2', '127.0.0.2']);
});

it('names every fault', () => {
  const wrong = { nodes: 'many', natsServers: '2', databaseUrl: 'postgres://there/trade?options=-cjit' };
  let thrown: unknown;
  try {
    read(wrong);
  } catch (error) {
    thrown = error;
  }
  expect(thrown).toBeInstanceOf(ConfigError);
  expect((thrown as ConfigError).faults).toEqual([
    "--nodes must be a whole number from 1 to 32, not 'many'",
    '--nats-servers must be 1, 3 or 5: an even number is no safer than one less',
    'DATABASE_URL must not have the parameter options: the node sets it itself',
    'DATABASE_URL and NATS_URL go together: without both, servers are started here',
  ]);
});
