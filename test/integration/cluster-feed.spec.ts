// `trade cluster feed` as a person types it: a line a second, and nothing promised that was not kept.
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { writeCluster } from '../../bin/local-cluster/cluster-file';
import { processName } from '../../persistence/processes';
import { BACKENDS, type TestNode } from '../helpers/node';

const TRADE = join(__dirname, '..', '..', 'dist', 'bin', 'trade.js');
const run = promisify(execFile);

jest.setTimeout(90_000);

let node: TestNode;
let folder: string;

beforeAll(async () => {
  node = await (BACKENDS[0] as (typeof BACKENDS)[number]).open();
  folder = mkdtempSync(join(tmpdir(), 'trade-feed-'));
  const script = processName(process.pid);
  writeCluster(folder, {
    process: script,
    nodes: [{ name: 'a', pid: node.pid(), process: script, url: node.url, log: '' }],
    sandbox: undefined,
    servers: [],
    environment: { ...node.env, ADMIN_TOKEN: node.adminToken },
  });
}, 90_000);

afterAll(async () => {
  await node.remove();
  rmSync(folder, { recursive: true, force: true });
});

/** From an empty folder, so that no settings of a developer are found. */
const trade = async (...args: readonly string[]): Promise<string> =>
  (await run(process.execPath, [TRADE, ...args], { cwd: folder, env: { PATH: process.env['PATH'] } })).stdout;

it('finds the cluster of its folder, and shows what comes', async () => {
  const shown = await trade('cluster', 'feed', '--data-dir', '.', '--seconds', '2.5', '--customers', '4');
  expect(shown).toMatch(/^ +1 s +\d+ answers {2}p50 [\d.]+ ms {2}p99 [\d.]+ ms$/m);
  expect(shown).toMatch(/^\d+ promises, 0 broken$/m);
  expect(shown).toMatch(/^audit: 0 rules broken$/m);
});

it('goes at a rate, answers machines, and needs no operator', async () => {
  const url = ['--url', node.url, '--rate', '20', '--seconds', '1', '--json'];
  const summary = JSON.parse(await trade('cluster', 'feed', ...url)) as Record<string, unknown>;
  expect(summary).toMatchObject({
    broken: [],
    others: {},
    audit: expect.stringContaining('not asked') as string,
  });
  expect(summary['answers']).toBeGreaterThan(5);
});

it('says in one line what is missing', async () => {
  await expect(trade('cluster', 'feed', '--data-dir', 'nowhere')).rejects.toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/^trade: no cluster runs in .*nowhere: .*\n$/) as string,
  });
  await expect(trade('cluster', 'feed', '--url', node.url, '--customers', '0')).rejects.toMatchObject({
    code: 1,
    stderr: 'trade: --customers must be a number above 0\n',
  });
  // Nobody listens on port 1.
  await expect(trade('cluster', 'feed', '--url', 'http://127.0.0.1:1')).rejects.toMatchObject({
    code: 1,
    stdout: '',
    stderr: expect.stringMatching(
      /^trade: http:\/\/127\.0\.0\.1:1 does not answer: ECONNREFUSED: .*\n$/,
    ) as string,
  });
});
