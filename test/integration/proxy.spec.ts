// deploy/haproxy.cfg on a real HAProxy, before three stand-ins of nodes: who gets a request, and what is sent twice.
// Where HAProxy is not installed this is skipped, and the test report says so.
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../helpers/servers';
import { until } from '../helpers/until';

const installed = spawnSync('haproxy', ['-v']).status === 0;
const CONFIG = readFileSync(join(__dirname, '..', '..', 'deploy', 'haproxy.cfg'), 'utf8');

interface StandIn {
  readonly server: Server;
  /** The answer to everything but the checks; 'cut' ends the connection without one, and 'later' keeps it open. */
  answer: number | 'cut' | 'later';
  /** Answers what was kept open. */
  release(): void;
  ready: boolean;
  readonly heard: string[];
}

const open = async (): Promise<StandIn> => {
  const server = createServer((request, response) => {
    const { url = '', method = '' } = request;
    if (url === '/healthz' || url === '/readyz') {
      response.writeHead(url === '/healthz' || node.ready ? 200 : 503).end();
      return;
    }
    node.heard.push(`${method} ${url}`);
    if (node.answer === 'cut') request.socket.destroy();
    else if (node.answer === 'later') kept.push(() => response.writeHead(200).end());
    else response.writeHead(node.answer).end();
  });
  const kept: (() => void)[] = [];
  const release = (): void => kept.splice(0).forEach((answer) => answer());
  const node: StandIn = { server, answer: 200, ready: true, heard: [], release };
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return node;
};

(installed ? describe : describe.skip)('the proxy (needs haproxy)', () => {
  const folder = mkdtempSync(join(tmpdir(), 'trade-proxy-'));
  let nodes: StandIn[];
  let url: string;
  const proxies: ChildProcess[] = [];

  /** @returns its URL */
  const startProxy = async (name: string, config: string): Promise<string> => {
    const port = await freePort();
    const places = nodes.map(({ server }) => `127.0.0.1:${(server.address() as AddressInfo).port}`);
    const text = config
      .replace('bind :8080', `bind 127.0.0.1:${port}`)
      .replace(
        /(server node-)(\d) \S+/g,
        (_, word: string, place: string) => `${word}${place} ${places[Number(place) - 1] ?? ''}`,
      );
    const file = join(folder, name);
    writeFileSync(file, text);
    expect(spawnSync('haproxy', ['-c', '-f', file]).status).toBe(0);
    proxies.push(spawn('haproxy', ['-db', '-f', file], { stdio: 'ignore' }));
    const at = `http://127.0.0.1:${port}`;
    await until('the proxy to answer', async () => (await fetch(`${at}/proxy-health`)).ok);
    return at;
  };

  beforeAll(async () => {
    nodes = await Promise.all([open(), open(), open()]);
    url = await startProxy('haproxy.cfg', CONFIG);
  });

  afterAll(async () => {
    for (const proxy of proxies) {
      proxy.kill();
      await until('the proxy to end', () => proxy.exitCode !== null || proxy.signalCode !== null);
    }
    for (const { server } of nodes) server.closeAllConnections();
    await Promise.all(nodes.map(({ server }) => new Promise((resolve) => server.close(resolve))));
    rmSync(folder, { recursive: true });
  });

  const send = async (path: string, method = 'POST', headers: Record<string, string> = {}): Promise<number> =>
    (await fetch(`${url}${path}`, { method, headers, ...(method === 'POST' ? { body: '{}' } : {}) })).status;
  const heard = (): number => nodes.reduce((sum, node) => sum + node.heard.length, 0);

  beforeEach(async () => {
    for (const node of nodes) {
      node.answer = 200;
      node.ready = true;
    }
    await until('every node to be used', async () => {
      await Promise.all([1, 2, 3, 4, 5, 6].map(() => send('/goods', 'GET')));
      return nodes.every((node) => node.heard.length > 0);
    });
    for (const node of nodes) node.heard.length = 0;
  });

  it.each([
    ['an order without a key', 'POST', '/order'],
    ['a cancellation', 'POST', '/order/1/cancel'],
    ['a recharge', 'POST', '/admin/recharge'],
    ['an audit', 'GET', '/admin/audit'],
  ])('sends %s once, whatever becomes of it', async (_, method, path) => {
    for (const answer of [503, 'cut'] as const) {
      for (const node of nodes) node.answer = answer;
      const before = heard();
      // HAProxy may hang up instead of saying 502.
      const status = await send(path, method).catch(() => 502);
      expect(status).toBeGreaterThanOrEqual(500);
      expect(heard() - before).toBe(1);
    }
  });

  it.each([
    ['an order with its key', 'POST', '/order', { 'idempotency-key': 'k' }],
    ['a payment', 'POST', '/pay/createPayment', {}],
    ['a callback', 'POST', '/pay/callbackPayment/sandbox', {}],
    ['a question', 'GET', '/goods', {}],
  ])('sends %s to another node when one is busy or dies of it', async (_, method, path, headers) => {
    for (const answer of [503, 'cut'] as const) {
      nodes[0]!.answer = answer;
      nodes[1]!.answer = answer;
      for (let n = 0; n < 6; n += 1)
        expect(await send(path, method, headers as Record<string, string>)).toBe(200);
    }
  });

  it('sends nothing to a node that is not ready, unless none is', async () => {
    nodes[0]!.ready = false;
    await until('the others to be preferred', async () => {
      const before = nodes[0]!.heard.length;
      for (let n = 0; n < 9; n += 1) await send('/order');
      return nodes[0]!.heard.length === before;
    });
    for (const node of nodes) node.ready = false;
    await until('all to be used again', async () => {
      expect(await send('/order')).toBe(200);
      return nodes[0]!.heard.at(-1) === 'POST /order' && (await fetch(`${url}/proxy-health`)).ok;
    });
  });

  it('goes on without a node that is gone: what it refused goes to another', async () => {
    const gone = nodes[0]!.server;
    const { port } = gone.address() as AddressInfo;
    gone.closeAllConnections();
    await new Promise((resolve) => gone.close(resolve));
    for (let n = 0; n < 9; n += 1) expect(await send('/order')).toBe(200);
    await new Promise<void>((resolve) => gone.listen(port, '127.0.0.1', resolve));
  });

  it('waits for an audit when everything else has long been given up', async () => {
    const hasty = await startProxy(
      'hasty.cfg',
      CONFIG.replace(/timeout (client|server) \d+s/g, 'timeout $1 500ms'),
    );
    const ask = async (path: string): Promise<number> =>
      (await fetch(`${hasty}${path}`, { method: 'GET' })).status;
    for (const node of nodes) node.answer = 'later';
    const audit = ask('/admin/audit');
    expect(await ask('/admin/orders/1')).toBe(504);
    expect(await ask('/admin/orders/2')).toBe(504);
    for (const node of nodes) node.release();
    expect(await audit).toBe(200);
  });
});
