// The container files, as far as they can be checked without an engine: they keep to their schema and to the rules of
// compose-faults.ts and dockerfile-faults.ts, and name only what is there. Each rule is seen to find a planted fault.
import Ajv from 'ajv';
import { parse as parseEnv } from 'dotenv';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { loadConfig } from '../../bin/config';
import { NODE_FLAGS } from '../../bin/node-flags';
import { sandboxFolder } from '../../bin/sandbox/keys';
import { composeFaults } from '../helpers/compose-faults';
import { readCompose, variablesIn, type Service } from '../helpers/compose-file';
import { dockerfileFaults, isIgnored } from '../helpers/dockerfile-faults';

const ROOT = join(__dirname, '..', '..');
const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');
const COMPOSE = read('docker-compose.yml');
const EXAMPLE = read('.env.example');
const DOCKERFILE = read('Dockerfile');
const IGNORED = read('.dockerignore');

/** What is set in .env.example; everything that it leaves open is given. */
const variables = (more: Record<string, string> = {}): Record<string, string> => {
  const lines = Object.entries(parseEnv(EXAMPLE));
  return {
    ...Object.fromEntries(lines.map(([name, value]) => [name, value || `${name}0`.repeat(4)])),
    ...more,
  };
};
const compose = (more?: Record<string, string>) => readCompose(COMPOSE, variables(more));
const { services } = compose();
const ofImage = (image: string): (readonly [string, Service])[] =>
  Object.entries(services).filter(([, service]) => service.image?.startsWith(image));
const nodes = Object.entries(services).filter(([name]) => name.startsWith('node-'));
/** A demo keeps its secrets in DATA_DIR, which the image says; here it is a folder of this test. */
const dataDir = mkdtempSync(join(tmpdir(), 'trade-compose-'));
afterAll(() => rmSync(dataDir, { recursive: true }));
const configOf = (environment: Service['environment'], serving = true) =>
  loadConfig({}, { ...environment, DATA_DIR: dataDir }, { serving, envFile: join(dataDir, 'none') });
/** The settings of the README's table. */
const SETTINGS = [...read('README.md').matchAll(/^\| `([A-Z][A-Z_]+)` /gm)].map(([, name]) => name!);

/** What the nodes are not given on purpose. */
const LEFT_OUT = [
  // Fixed by the image and by what is published.
  ...['PORT', 'HOST', 'DATA_DIR', 'SANDBOX_PORT'],
  // There is one PostgreSQL, for all kinds.
  ...['ORDER', 'PAYMENT', 'GOODS', 'COUPON', 'WALLET'].map((kind) => `${kind}_DATABASE_URL`),
  // The nats-servers know users with passwords, and the network is closed.
  ...['TOKEN', 'NKEY_SEED', 'CREDS', 'CA', 'CERT', 'KEY'].map((way) => `NATS_${way}`),
];

const sorted = (names: Iterable<string>): string[] => [...new Set(names)].sort();

describe('docker-compose.yml', () => {
  const { $schema: _draft, ...schema } = JSON.parse(read('test/data/compose-spec.json')) as Record<
    string,
    unknown
  >;
  const fits = new Ajv({ strict: false, validateFormats: false }).compile(schema);

  it('fits the schema of the Compose Specification', () => {
    expect([fits(parse(COMPOSE, { merge: true })), fits.errors]).toEqual([true, null]);
    expect(fits(parse(COMPOSE.replace('cap_drop: [ALL]', 'cap_drop: ALL'), { merge: true }))).toBe(false);
  });

  it('keeps to the rules', () => {
    expect(composeFaults(compose(), ROOT)).toEqual([]);
    expect(Object.keys(services).length).toBeGreaterThan(9);
  });

  it.each([
    ['postgres:15.14', 'postgres:latest', 'postgres postgres:latest is not pinned'],
    ['postgres:15.14', 'postgres:15', 'postgres postgres:15 is not pinned'],
    ['read_only: true', 'read_only: false', 'proxy may write to its root'],
    ['cap_drop: [ALL]', 'cap_drop: [CHOWN]', 'nats-1 keeps capabilities'],
    ["security_opt: ['no-new-privileges:true']", 'security_opt: []', 'nats-box may gain privileges'],
    ['user: postgres', 'user: root', 'postgres may be root'],
    ["user: '1000:1000'", "user: '0'", 'nats-3 may be root'],
    ['memory: 768M, ', '', 'node-2 has no limit of memory'],
    ['healthcheck:', 'x-none:', 'nats-1 has no health check'],
    [
      'condition: service_completed_successfully',
      'condition: service_started',
      'node-1 waits for migrate in the wrong way',
    ],
    ['    nats-1: { condition', '    nats-9: { condition', 'node-1 depends on nats-9, which is not there'],
    ['127.0.0.1:3000:8080', '3000:8080', 'proxy publishes 3000:8080'],
    [
      'networks: [inside, edge]',
      'networks: [outside]',
      'node-3 is in the network outside, which is not there',
    ],
    ['./deploy/haproxy.cfg:', './deploy/none.cfg:', 'proxy mounts ./deploy/none.cfg, which is not there'],
    ['haproxy.cfg:ro', 'haproxy.cfg:rw', 'proxy may change ./deploy/haproxy.cfg'],
    [
      'dockerfile: nats.Dockerfile',
      'dockerfile: no.Dockerfile',
      'nats-1 is built by deploy/no.Dockerfile, which is not there',
    ],
  ])('with %j as %j, it does not', (right, wrong, fault) => {
    expect(COMPOSE).toContain(right);
    expect(composeFaults(readCompose(COMPOSE.replace(right, wrong), variables()), ROOT)).toContain(fault);
  });

  it('publishes the proxy and the sandbox only, and keeps the servers inside', () => {
    const published = Object.entries(services).filter(([, { ports = [] }]) => ports.length > 0);
    expect(published.map(([name]) => name)).toEqual(['proxy', 'sandbox']);
    expect(compose().networks['inside']?.internal).toBe(true);
    for (const [name, { networks }] of [...ofImage('trade-nats'), ...ofImage('postgres')])
      expect([name, networks]).toEqual([name, ['inside']]);
  });

  it('runs three nodes whose settings hold, with the demo and without', () => {
    for (const demo of ['1', '', '0']) {
      const { services: ofDemo } = compose({ DEMO: demo });
      for (const [name] of nodes) {
        const config = configOf(ofDemo[name]!.environment);
        expect(config).toMatchObject({ nodeName: name, embedded: false, demo: demo === '1' });
        expect(config.nats).toMatchObject({ replicas: 3, user: 'node' });
        expect(config.nats?.servers.map((server) => new URL(server).hostname)).toEqual(
          ofImage('trade-nats').map(([server]) => server),
        );
        expect(config.sandbox?.url).toBe(config.demo ? 'http://sandbox:3001' : undefined);
      }
    }
    expect(nodes).toHaveLength(3);
    const wrong = { ...nodes[0]![1].environment, NATS_REPLICAS: '9' };
    expect(() => loadConfig({}, wrong)).toThrow('NATS_REPLICAS');
  });

  it('gives the programs no setting that they do not know, and commands that there are', () => {
    const known = new Set(SETTINGS);
    const own = ofImage('trade-actors');
    expect(own.length).toBe(nodes.length + 2);
    for (const [name, { environment = {}, command }] of own) {
      expect([name, Object.keys(environment).filter((setting) => !known.has(setting))]).toEqual([name, []]);
      if (command) expect(command.slice(0, 2)).toEqual(['node', 'dist/bin/trade.js']);
      const { sandbox, embedded } = configOf(environment, name.startsWith('node-'));
      if (name === 'sandbox') expect(sandbox?.port).toBe(3001);
      else expect(embedded).toBe(false);
    }
  });

  it('gives the nodes every setting but those that are left out on purpose', () => {
    expect(SETTINGS.length).toBeGreaterThan(30);
    for (const [name, { environment = {} }] of nodes)
      expect([name, sorted([...Object.keys(environment), ...LEFT_OUT])]).toEqual([name, sorted(SETTINGS)]);
  });

  it('gives the nodes the memory that docs/OPERATIONS.md says', () => {
    const [, said] = /Give a node (\d+) MB/.exec(read('docs/OPERATIONS.md').replace(/\s+/g, ' ')) ?? [];
    for (const [name, { deploy }] of nodes)
      expect([name, deploy?.resources.limits['memory']]).toEqual([name, `${said}M`]);
  });

  it('gives the nodes what .env says of orders and shards, and else the defaults', () => {
    const ordersOf = (more?: Record<string, string>) => {
      const { orders, shards } = configOf(compose(more).services['node-1']?.environment);
      return { ...orders, shards };
    };
    const { orders, shards } = configOf({});
    expect(ordersOf()).toEqual({ ...orders, shards });
    const given = {
      SHARDS: '8',
      ORDER_EXPIRES_AFTER: '5m',
      PLACE_DEADLINE: '4s',
      STEP_TIMEOUT: '1s',
      ORDER_CONFIRM_EVENTS: '1',
      MAX_IN_FLIGHT: '500',
    };
    expect(ordersOf(given)).toEqual({
      shards: 8,
      expiresAfterMs: 300_000,
      placeDeadlineMs: 4_000,
      stepTimeoutMs: 1_000,
      confirmEvents: true,
      maxInFlight: 500,
    });
  });

  it("lets the nodes read the sandbox's keys, and nobody else", () => {
    const keys = sandboxFolder(/^ENV DATA_DIR=(\S+)$/m.exec(DOCKERFILE)?.[1] ?? '');
    const holders = Object.entries(services).flatMap(([name, { volumes = [] }]) =>
      volumes.filter((volume) => volume.startsWith('sandbox:')).map((volume) => [name, volume]),
    );
    expect(holders).toEqual([
      ...nodes.map(([name]) => [name, `sandbox:${keys}:ro`]),
      ['sandbox', `sandbox:${keys}`],
    ]);
    expect(DOCKERFILE).toContain(`mkdir -p ${keys} && chown`);
  });
});

describe('.env.example', () => {
  it('has every variable that docker-compose.yml uses, and no other', () => {
    const offered = [...EXAMPLE.matchAll(/^(?:# )?([A-Z_]+)=/gm)].map(([, name]) => name!);
    // Compose itself reads this one.
    expect(sorted(offered)).toEqual(sorted([...variablesIn(COMPOSE).used, 'COMPOSE_PROFILES']));
  });

  it('leaves room for what must be set, with a word on each', () => {
    const lines = EXAMPLE.split('\n');
    const { required } = variablesIn(COMPOSE);
    expect(required.length).toBeGreaterThan(5);
    for (const name of required) {
      const place = lines.indexOf(`${name}=`);
      expect([name, lines[place - 1]]).toEqual([name, expect.stringMatching(/^# /)]);
      expect(() => compose({ [name]: '' })).toThrow(`${name} is not set`);
    }
  });
});

describe('the Dockerfiles', () => {
  it('keep to the rules', () => {
    expect(dockerfileFaults(DOCKERFILE, IGNORED, ROOT)).toEqual([]);
    expect(dockerfileFaults(read('deploy/nats.Dockerfile'), '', join(ROOT, 'deploy'))).toEqual([]);
  });

  it.each([
    ['node:20.19.5-slim AS', 'node:20 AS', 'node:20 is not pinned'],
    [
      'node:20.19.5-slim AS',
      'node:20.19.4-slim AS',
      'the stages differ: node:20.19.4-slim, node:20.19.5-slim',
    ],
    ['USER node', '', 'it may run as root'],
    ['package-lock.json ./', 'none.json ./', 'none.json is copied, but is not there or is ignored'],
    ['package-lock.json ./', 'README.md ./', 'README.md is copied, but is not there or is ignored'],
  ])('with %j as %j, do not', (right, wrong, fault) => {
    expect(DOCKERFILE).toContain(right);
    expect(dockerfileFaults(DOCKERFILE.replace(right, wrong), IGNORED, ROOT)).toContain(fault);
  });

  it('have all that the build reads, and no secret', () => {
    const { scripts } = JSON.parse(read('package.json')) as { scripts: { build: string } };
    const [, folders = ''] = /^swc (.*?) --out-dir dist/.exec(scripts.build) ?? [];
    expect(folders.split(' ').length).toBeGreaterThan(4);
    const needed = [...folders.split(' '), 'web', '.swcrc', 'package.json'];
    expect(needed.filter((path) => isIgnored(path, IGNORED) || !existsSync(join(ROOT, path)))).toEqual([]);
    const kept = ['.env', '.git', '.data', 'node_modules', 'dist', 'test', 'bin/config.spec.ts'];
    expect(kept.filter((path) => !isIgnored(path, IGNORED))).toEqual([]);
  });

  it('start a file that the build makes', () => {
    const [, command = '[]'] = /^CMD (.*)$/m.exec(DOCKERFILE) ?? [];
    const [program, ...args] = JSON.parse(command) as string[];
    const file = args.find((arg) => !arg.startsWith('-')) ?? '';
    expect([program, existsSync(join(ROOT, file))]).toEqual(['node', true]);
    expect(args).toEqual(expect.arrayContaining([...NODE_FLAGS]));
    expect(read('package.json')).toContain(`node ${NODE_FLAGS.join(' ')} dist/bin/trade.js start`);
  });
});

describe('the configurations', () => {
  const CONFIGURATIONS = ['deploy/nats.conf', 'deploy/nats-users.conf'];

  it('of NATS uses what the containers are given, and nothing else', () => {
    const conf = CONFIGURATIONS.map((path) => read(path).replace(/^\s*#.*$/gm, '')).join('\n');
    const used = [...conf.matchAll(/(?<!")\$([A-Z_0-9]+)/g)].map(([, name]) => name!);
    for (const [name, { environment = {}, volumes = [] }] of ofImage('trade-nats')) {
      expect(sorted(Object.keys(environment))).toEqual(sorted(used));
      expect(environment['NATS_SERVER_NAME']).toBe(name);
      expect(volumes).toContain('./deploy/nats.conf:/etc/nats/trade.conf:ro');
      // Where the other looks for it.
      expect(volumes).toContain('./deploy/nats-users.conf:/etc/nats/nats-users.conf:ro');
      expect(volumes).toContain(`${name}:/data`);
    }
    expect(conf).toContain('include ./nats-users.conf');
    expect(read('deploy/nats.Dockerfile')).toContain('/etc/nats/trade.conf');
  });

  it('of the NATS CLI is where the CLI looks, and hears answers where its user may', () => {
    const { environment = {}, volumes = [] } = services['nats-box'] ?? {};
    const { XDG_CONFIG_HOME: home, NATS_CONTEXT: context, NATS_USER: user } = environment;
    expect(volumes).toContain(`./deploy/nats-box:${home}:ro`);
    const { inbox_prefix: prefix } = JSON.parse(read(`deploy/nats-box/nats/context/${context}.json`)) as {
      inbox_prefix: string;
    };
    expect(prefix).toBe(`_INBOX.${user}`);
  });

  it('of the proxy names every node, and the port that is published', () => {
    const conf = read('deploy/haproxy.cfg');
    const servers = [...conf.matchAll(/^ {2}server (\S+) (\S+)$/gm)].map(([, name, place]) => [name, place]);
    const wanted = nodes.map(([name]) => [name, `${name}:3000`]);
    expect(servers).toEqual([...wanted, ...wanted]);
    expect(conf).toContain('bind :8080');
    expect(services['proxy']?.healthcheck?.test.join(' ')).toContain(/monitor-uri (\S+)/.exec(conf)?.[1]);
  });
});
