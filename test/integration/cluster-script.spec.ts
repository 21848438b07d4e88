// A person starts a cluster on this machine, watches it, breaks it, and stops it, each with one command.
import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { accessSync, chmodSync, constants, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { KINDS } from '../../actors/domain/envelope';
import type { ClusterStatus } from '../../bin/cluster-status';
import { findCluster, type LocalCluster } from '../../bin/local-cluster/cluster-file';
import { temporaryFolder } from '../../bin/local-servers/account';
import { isAlive } from '../../persistence/processes';
import { signToken } from '../helpers/node';
import { freePort, until } from '../helpers/servers';
import { PHONE, Shop } from '../helpers/shop';

/** One, for as long as only one node can serve a database. */
const NODES = 3;
const START_MS = 60_000;
const ROOT = join(__dirname, '..', '..');
const SCRIPT = join(ROOT, 'dist', 'bin', 'local-cluster', 'main.js');

jest.setTimeout(2 * START_MS);

let dataDir: string;
let port: number;
let script: ChildProcess | undefined;
const scripts: ChildProcess[] = [];
let printed = '';
let exit: number | string | undefined;

function begin(natsServers: number, more: Readonly<Record<string, string>> = {}): void {
  const args = ['--nodes', NODES, '--port', port, '--data-dir', dataDir, '--nats-servers', natsServers];
  printed = '';
  exit = undefined;
  // Nothing of this process's environment reaches it.
  const env = { PATH: process.env['PATH'], HOME: dataDir, ...more };
  script = spawn(process.execPath, [SCRIPT, ...args.map(String)], { cwd: dataDir, env });
  scripts.push(script);
  for (const stream of [script.stdout, script.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => (printed += text));
  }
  script.once('exit', (code, signal) => (exit = code ?? signal ?? 'no code'));
}

const isReady = async (): Promise<void> => {
  await until(
    'the cluster to be ready',
    () => exit !== undefined || printed.includes('Ctrl-C stops'),
    START_MS,
  );
  if (exit !== undefined) throw new Error(`It ended with ${exit}:\n${printed}`);
};

function cluster(): LocalCluster {
  const found = findCluster(dataDir);
  if (!found) throw new Error('no cluster runs');
  return found;
}

const processes = ({ nodes, sandbox, servers }: LocalCluster): number[] =>
  [...nodes, ...(sandbox ? [sandbox] : []), ...servers].flatMap(({ pid }) => pid ?? []);

/** Runs `trade …` on this cluster. @returns what it printed */
async function trade(...args: string[]): Promise<string> {
  const all = [join(ROOT, 'dist', 'bin', 'trade.js'), ...args, '--data-dir', dataDir];
  const env = { PATH: process.env['PATH'], HOME: dataDir };
  return (await promisify(execFile)(process.execPath, all, { cwd: dataDir, env })).stdout;
}

function shop(place: number): Shop {
  const { nodes, sandbox, environment } = cluster();
  expect(environment).not.toHaveProperty('PATH');
  const url = nodes[place]?.url ?? '';
  const { JWT_SECRET = '', ADMIN_TOKEN = '' } = environment;
  return new Shop({
    url,
    sandboxUrl: sandbox?.url ?? '',
    adminToken: ADMIN_TOKEN,
    token: (userId) => signToken(JWT_SECRET, userId),
  });
}

beforeAll(async () => {
  dataDir = mkdtempSync(join(temporaryFolder(), 'trade-cluster-'));
  // Root runs PostgreSQL as another user.
  chmodSync(dataDir, 0o755);
  port = await freePort();
});

afterAll(async () => {
  for (const one of scripts) one.kill('SIGKILL');
  await nothingRuns();
  rmSync(dataDir, { recursive: true, force: true });
});

/** Each server's guardian leaves `server.pid` until the server is gone. */
const nothingRuns = (): Promise<void> =>
  until(
    'every process to be gone',
    async () => {
      const { stdout } = await promisify(execFile)('ps', ['-eo', 'args']);
      return !stdout.split('\n').some((line) => line.includes(dataDir));
    },
    20_000,
  );

it('can be started by its file, which builds first', () => {
  const file = join(ROOT, 'bin', 'cluster');
  accessSync(file, constants.X_OK);
  expect(readFileSync(file, 'utf8')).toContain('exec node "$root/dist/bin/local-cluster/main.js" "$@"');
});

let orderId: string;

it('starts until every node is ready, and shows that every shard has an owner', async () => {
  begin(3);
  await isReady();
  expect(printed).toContain('every shard has an owner');
  const status = JSON.parse(await trade('cluster', 'status', '--json')) as ClusterStatus;
  const { nodes, free, broker } = status;
  expect(nodes.map(({ node }) => node)).toEqual(
    Array.from({ length: NODES }, (_, place) => `node-${place + 1}`),
  );
  expect(free).toEqual({});
  for (const kind of KINDS) {
    expect(nodes.reduce((sum, { shards }) => sum + (shards[kind] ?? 0), 0)).toBe(64);
  }
  expect(broker).toMatchObject({
    streams: [
      { replicas: 3, state: 'ok' },
      { replicas: 3, state: 'ok' },
    ],
  });
});

it('sells, and the platform calls back', async () => {
  const customers = shop(0);
  orderId = await customers.confirmedOrder([PHONE]);
  await shop(NODES - 1).paidOrder(orderId);
});

it('lets nobody else onto its data', async () => {
  const args = [SCRIPT, '--nodes', '1', '--data-dir', dataDir];
  await expect(promisify(execFile)(process.execPath, args)).rejects.toMatchObject({
    code: 1,
    stdout: expect.stringContaining(`has ${dataDir} open`),
  });
  expect(findCluster(dataDir)).toBeDefined();
});

it('starts a node again that was killed', async () => {
  const before = cluster().nodes[0];
  expect(await trade('cluster', 'break', '--node', 'node-1')).toContain(`process ${before?.pid}`);
  await until(
    'node-1 to be back',
    async () => {
      const { pid, url } = cluster().nodes[0] ?? {};
      return pid !== undefined && pid !== before?.pid && (await fetch(`${url}/readyz`)).ok;
    },
    START_MS,
  );
  expect((await shop(0).findOrder(orderId)).data).toMatchObject({ payStatus: 2 });
});

it('lets a node hang for a while, and go on', async () => {
  const { url = '' } = cluster().nodes[0] ?? {};
  const broken = trade('cluster', 'break', '--node', 'node-1', '--how', 'hang', '--for', '3s');
  await until('node-1 to be mute', () =>
    fetch(`${url}/healthz`, { signal: AbortSignal.timeout(500) }).then(
      () => false,
      () => true,
    ),
  );
  // The state is asked of others.
  expect(JSON.parse(await trade('cluster', 'status', '--json'))).toHaveProperty('free');
  expect(await broken).toContain('node-1 goes on');
  await until('node-1 to speak', async () => (await fetch(`${url}/readyz`)).ok, START_MS);
});

it('breaks no process that it did not start', async () => {
  await expect(trade('cluster', 'break', '--node', 'node-99')).rejects.toMatchObject({
    stderr: `trade: there is no node node-99, only ${cluster()
      .nodes.map(({ name }) => name)
      .join(', ')}\n`,
  });
});

it('stops everything on Ctrl-C, nodes first', async () => {
  const pids = processes(cluster());
  script?.kill('SIGINT');
  await until('the script to end', () => exit !== undefined, 40_000);
  expect(exit).toBe(0);
  expect(pids.filter(isAlive)).toEqual([]);
  await nothingRuns();
  expect(existsSync(join(dataDir, 'cluster.json'))).toBe(false);
  const stopped = [...printed.matchAll(/stopping the (\w+)/g)].map(([, stage]) => stage);
  expect(stopped).toEqual(['nodes', 'sandbox', 'servers']);
  await expect(trade('cluster', 'status')).rejects.toMatchObject({
    code: 2,
    stderr: expect.stringMatching(/^trade: no cluster: .*\n$/),
  });
});

it('finds the orders again, also with another number of nats-servers and on another address', async () => {
  begin(1, { HOST: '127.0.0.2' });
  await isReady();
  expect((await shop(0).findOrder(orderId)).data).toMatchObject({ payStatus: 2 });
  const { nodes, sandbox } = cluster();
  expect([...nodes, sandbox].map((one) => new URL(one?.url ?? '').hostname)).toEqual(
    Array.from({ length: NODES + 1 }, () => '127.0.0.2'),
  );
  const customers = shop(0);
  await customers.paidOrder(await customers.confirmedOrder([PHONE]));
});

it('leaves no process behind when it is killed', async () => {
  const pids = processes(cluster());
  expect(pids).toHaveLength(NODES + 3);
  script?.kill('SIGKILL');
  await nothingRuns();
  expect(pids.filter(isAlive)).toEqual([]);
  await expect(trade('cluster', 'break', '--node', 'node-1')).rejects.toMatchObject({
    stderr: expect.stringContaining('no cluster runs in'),
  });
});
