// What the configuration says of users, keys and certificates reaches the broker; and where it is wrong, one line says
// what.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { composeTransport } from '../../bin/compose-transport';
import { loadConfig } from '../../bin/config';
import { type CertificateFiles, newAuthority, newNkey, newOperator } from '../helpers/nats-identities';
import { startTestNode, type Environment } from '../helpers/node';
import { freshDatabase, startNats, until, type NatsOptions, type NatsServer } from '../helpers/servers';
import { PHONE, Shop } from '../helpers/shop';

// Keys are made in JavaScript, which is slow where everything else runs too.
jest.setTimeout(90_000);

const logger = pino({ level: 'silent' });

let folder: string;
let server: NatsServer | undefined;
beforeAll(() => (folder = mkdtempSync(join(tmpdir(), 'trade-access-'))));
afterEach(async () => {
  await server?.stop();
  server = undefined;
});
afterAll(() => rmSync(folder, { recursive: true }));

const begin = async (options: NatsOptions): Promise<NatsServer> => (server = await startNats(options));

const configOf = (url: string, given: Environment) =>
  loadConfig({}, { NATS_URL: url, DATABASE_URL: 'postgres://127.0.0.1/none', ...given }, { serving: false });

async function expectLetIn(url: string, given: Environment): Promise<void> {
  const transport = await composeTransport(configOf(url, given), logger);
  expect(transport.isConnected()).toBe(true);
  // JetStream too.
  await expect(transport.ensureStreams()).resolves.toBeUndefined();
  await transport.close(1_000);
}

async function expectRefused(url: string, given: Environment, line: RegExp): Promise<void> {
  const refused = composeTransport(configOf(url, given), logger);
  const message = await refused.then(
    () => 'let in',
    (error: unknown) => (error as Error).message,
  );
  expect(message).toMatch(line);
  expect(message.split('\n')).toHaveLength(1);
}

describe('a broker that asks who is there lets in', () => {
  const nameless = /^NATS_USER, NATS_TOKEN, NATS_NKEY_SEED or NATS_CREDS is needed: .* does not let us in/;

  it('by user and password', async () => {
    const { url } = await begin({ args: ['--user', 'shop', '--pass', 'secret'] });
    await expectRefused(url, {}, nameless);
    const wrong = { NATS_USER: 'shop', NATS_PASSWORD: 'guess' };
    await expectRefused(url, wrong, /^NATS_USER, NATS_PASSWORD: .* does not let us in/);
    await expectLetIn(url, { NATS_USER: 'shop', NATS_PASSWORD: 'secret' });
  });

  it('by token', async () => {
    const { url } = await begin({ args: ['--auth', 'secret'] });
    await expectRefused(url, {}, nameless);
    await expectRefused(url, { NATS_TOKEN: 'guess' }, /^NATS_TOKEN: .* does not let us in/);
    await expectLetIn(url, { NATS_TOKEN: 'secret' });
  });

  it('by nkey', async () => {
    const [known, unknown] = [newNkey(), newNkey()];
    const { url } = await begin({ config: `authorization { users: [ { nkey: ${known.publicKey} } ] }` });
    await expectRefused(url, {}, nameless);
    await expectRefused(url, { NATS_NKEY_SEED: unknown.seed }, /^NATS_NKEY_SEED: .* does not let us in/);
    await expectLetIn(url, { NATS_NKEY_SEED: known.seed });
  });

  it('by credentials file', async () => {
    const [ours, theirs] = [await newOperator(), await newOperator()];
    const { url } = await begin({ config: ours.config });
    const file = (name: string, text: string): Environment => {
      writeFileSync(join(folder, name), text);
      return { NATS_CREDS: join(folder, name) };
    };
    await expectRefused(url, {}, nameless);
    const stranger = file('stranger.creds', await theirs.admit('node'));
    await expectRefused(url, stranger, /^NATS_CREDS: .* does not let us in/);
    await expectLetIn(url, file('node.creds', await ours.admit('node')));
  });
});

describe('a broker with TLS', () => {
  it('is trusted by the authority that NATS_CA names, by name and by address', async () => {
    const [ours, theirs] = [await newAuthority(folder), await newAuthority(folder, 'other')];
    const { cert, key } = await ours.issue('broker', ['localhost', '127.0.0.1']);
    const { url, port } = await begin({ args: ['--tls', '--tlscert', cert, '--tlskey', key] });
    const untrusted = /the certificate of .* cannot be trusted \(unable to verify/;
    await expectRefused(url, {}, new RegExp(`^NATS_CA is not set: ${untrusted.source}`));
    await expectRefused(url, { NATS_CA: theirs.ca }, new RegExp(`^NATS_CA: ${untrusted.source}`));
    await expectLetIn(url, { NATS_CA: ours.ca });
    await expectLetIn(`tls://localhost:${port}`, { NATS_CA: ours.ca });
  });

  it.each(['127.0.0.1', 'localhost'])(
    'is not trusted at %s with a certificate for elsewhere',
    async (host) => {
      const authority = await newAuthority(folder);
      const elsewhere = host === 'localhost' ? '127.0.0.1' : 'localhost';
      const { cert, key } = await authority.issue('broker', [elsewhere]);
      const { port } = await begin({ args: ['--tls', '--tlscert', cert, '--tlskey', key] });
      const line = /^NATS_CA: the certificate of .* cannot be trusted \(Hostname\/IP does not match/;
      await expectRefused(`tls://${host}:${port}`, { NATS_CA: authority.ca }, line);
    },
  );

  it('that wants certificates of its clients gets ours', async () => {
    const [ours, theirs] = [await newAuthority(folder), await newAuthority(folder, 'other')];
    const { cert, key } = await ours.issue('broker', ['127.0.0.1']);
    const { url } = await begin({
      args: ['--tlsverify', '--tlscacert', ours.ca, '--tlscert', cert, '--tlskey', key],
    });
    const shown = (files: CertificateFiles): Environment => ({
      NATS_CA: ours.ca,
      NATS_CERT: files.cert,
      NATS_KEY: files.key,
    });
    await expectRefused(
      url,
      { NATS_CA: ours.ca },
      /^NATS_CERT and NATS_KEY are not set: .* asks for a certificate/,
    );
    await expectRefused(url, shown(await theirs.issue('node')), /^NATS_CERT: .* asks for a certificate/);
    await expectLetIn(url, shown(await ours.issue('node')));
  });

  it.each([
    ['NATS_CA', 'nats'],
    ['tls://', 'tls'],
  ])('is what %s asks for: nothing is sent in the clear', async (asks, scheme) => {
    const { port } = await begin({});
    const { ca } = await newAuthority(folder);
    const given = asks === 'NATS_CA' ? { NATS_CA: ca } : {};
    await expectRefused(`${scheme}://127.0.0.1:${port}`, given, /^NATS_URL: .* offers no TLS/);
  });
});

describe('a node', () => {
  it('that is not let in ends with one line', async () => {
    const [database, broker] = [await freshDatabase(), await begin({ args: ['--user', 'a', '--pass', 'b'] })];
    const servers = { DATABASE_URL: database.url, NATS_URL: broker.url };
    const start = (given: Environment) =>
      startTestNode({ ...servers, ...given }).then(
        () => 'started',
        (error: unknown) => (error as Error).message,
      );
    const refused = await start({ NATS_USER: 'a', NATS_PASSWORD: 'guess' });
    expect(refused).toContain('The node ended with 1 while starting');
    expect(refused.split('\n').filter((line) => line.startsWith('trade: '))).toEqual([
      `trade: NATS_USER, NATS_PASSWORD: the broker at ${broker.url} does not let us in (Authorization Violation)`,
    ]);
    const faulty = await start({ NATS_CREDS: '/none.creds', NATS_USER: 'a' });
    expect(faulty).toContain('The node ended with 2 while starting');
    expect(faulty).toContain('trade: NATS_CREDS cannot be read: ENOENT');
    expect(faulty).toContain('trade: NATS_USER and NATS_PASSWORD go together');
    await database.drop();
  });

  it('works over TLS with a password, is not ready while the password is another, and goes on after', async () => {
    const authority = await newAuthority(folder);
    const { cert, key } = await authority.issue('broker', ['127.0.0.1']);
    const config = (password: string) =>
      `authorization { users: [ { user: shop, password: ${password} } ] }\n` +
      `tls { cert_file: "${cert}", key_file: "${key}" }`;
    const broker = await begin({ config: config('first') });
    const database = await freshDatabase();
    const node = await startTestNode(
      {
        DATABASE_URL: database.url,
        NATS_URL: broker.url,
        NATS_CA: authority.ca,
        NATS_USER: 'shop',
        NATS_PASSWORD: 'first',
      },
      () => database.drop(),
    );
    try {
      const shop = new Shop(node);
      await shop.confirmedOrder([PHONE]);
      const readyz = async () => (await fetch(`${node.url}/readyz`)).status;

      broker.reload(config('second'));
      await until('the node to notice', async () => (await readyz()) === 503);
      const complaints = () => node.logs().split('AUTHORIZATION_VIOLATION').length - 1;
      await until('it to say why', () => complaints() > 0);

      broker.reload(config('first'));
      await until('the node to be ready', async () => (await readyz()) === 200);
      // It tried several times a second, and told once.
      expect(complaints()).toBe(1);
      const orderId = await shop.confirmedOrder([PHONE]);
      await shop.cancelOrder(orderId);
      await shop.booksAreClean();
    } finally {
      await node.remove();
    }
  });
});
