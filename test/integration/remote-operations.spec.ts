import { Command } from 'commander';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pino from 'pino';
import { Registry } from 'prom-client';
import type { Catalogue, Operations } from '../../actors/domain/operations';
import type { FrontDoor } from '../../actors/domain/front-door';
import { createHttpServer } from '../../actors/http/server';
import { databaseCommands } from '../../bin/cli/databases';
import { addConfigFlags } from '../../bin/cli/flags';
import { createRemoteOperations } from '../../bin/cli/remote-operations';
import { findRunningNode } from '../../bin/cli/running-node';
import { nodeFile } from '../../bin/node-file';
import { freePort } from '../helpers/servers';

const ADMIN_TOKEN = 'only-for-this-test';

/** Answers what it was asked, so that what travels is seen at both ends. */
const echo: Operations = {
  order: (orderId) => Promise.resolve(orderId === '404' ? undefined : { orderId, lines: [{ goodsId: '1' }] }),
  payment: (payId) => Promise.resolve(payId === '404' ? undefined : { payId }),
  stuckOrders: (which) =>
    Promise.resolve([{ ...which, state: 'placing overdue', gaveUp: [], retrying: [] } as const]),
  openRefunds: (page) => Promise.resolve([{ ...page }]),
  deadLetters: (limit, after) =>
    Promise.resolve([
      { group: String(limit), tag: 'tag', key: after ?? '', body: '', attempts: 3, remark: '', time: '' },
    ]),
  retrying: (limit, after) =>
    Promise.resolve([
      {
        ...{
          group: String(limit),
          tag: 'tag',
          key: after ?? '',
          body: '',
          attempts: 1,
          remark: '',
          time: '',
        },
        nextTime: 'soon',
      },
    ]),
  redrive: (which) => Promise.resolve(which.key === 'none' ? 0 : Object.keys(which).length),
  outbox: () => Promise.resolve({ unsent: 1, sent: 2, oldestUnsent: undefined }),
  replay: (topic, key) => Promise.resolve(topic === 'payTopic' && key === '5' ? 1 : 7),
  audit: ({ adopt }) => Promise.resolve({ clean: adopt, rules: [] }),
};

let server: Awaited<ReturnType<typeof createHttpServer>>;
let url: string;
let dataDir: string;
beforeAll(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'trade-remote-'));
  server = await createHttpServer({
    frontDoor: {} as FrontDoor,
    catalogue: {} as Catalogue,
    operations: echo,
    access: {
      jwtSecret: 'j'.repeat(32),
      adminToken: ADMIN_TOKEN,
      demo: false,
      verifyPassword: () => Promise.resolve(false),
    },
    isReady: () => ({ ready: true, reasons: [] }),
    metrics: new Registry(),
    logger: pino({ level: 'silent' }),
    demoUsers: [],
    webRoot: dataDir,
  });
  url = await server.listen({ port: await freePort(), host: '127.0.0.1' });
});
afterAll(async () => {
  await server.close();
  rmSync(dataDir, { recursive: true });
});

const remote = (): Operations => createRemoteOperations({ pid: process.pid, url, adminToken: ADMIN_TOKEN });

test('every operation reaches the node as it was meant', async () => {
  expect(await remote().order('7')).toEqual({ orderId: '7', lines: [{ goodsId: '1' }] });
  expect(await remote().payment('8')).toEqual({ payId: '8' });
  expect(await remote().stuckOrders({ limit: 9, after: '7', compensation: 'failed' })).toMatchObject([
    { limit: 9, after: '7', compensation: 'failed' },
  ]);
  expect(await remote().openRefunds({ limit: 9, after: 'T:1' })).toEqual([{ limit: 9, after: 'T:1' }]);
  expect(await remote().retrying(9, 'a|b|1:2')).toMatchObject([
    { group: '9', key: 'a|b|1:2', nextTime: 'soon' },
  ]);
  expect(await remote().deadLetters(9, 'a|b|1:2')).toMatchObject([{ group: '9', key: 'a|b|1:2' }]);
  expect(await remote().deadLetters(9)).toMatchObject([{ key: '' }]);
  expect(await remote().redrive({ group: 'g', key: '1:2' })).toBe(2);
  expect(await remote().redrive({})).toBe(0);
  expect(await remote().outbox()).toEqual({ unsent: 1, sent: 2 });
  expect(await remote().replay('payTopic', '5')).toBe(1);
  expect(await remote().replay('orderTopic')).toBe(7);
  expect(await remote().audit({ adopt: true })).toEqual({ clean: true, rules: [] });
  expect(await remote().audit({ adopt: false })).toEqual({ clean: false, rules: [] });
});

test('what is not there is not an error', async () => {
  expect(await remote().order('404')).toBeUndefined();
  expect(await remote().payment('404')).toBeUndefined();
  expect(await remote().redrive({ key: 'none' })).toBe(0);
});

test('what the node refuses is told in one line', async () => {
  const stranger = createRemoteOperations({ pid: process.pid, url, adminToken: 'wrong' });
  await expect(stranger.outbox()).rejects.toThrow(/^the node answered \d+: /);
});

const announce = (pid: number, at: string): void =>
  writeFileSync(nodeFile(dataDir), JSON.stringify({ pid, url: at, adminToken: ADMIN_TOKEN }));

test.each([
  ['migrate', 'has done this already'],
  ['seed', 'does this itself if it is started with DEMO=1'],
])('`trade %s` leaves the database to the node that has it, which %s', async (name, instead) => {
  announce(process.pid, url);
  const program = addConfigFlags(new Command('trade')).option('--json');
  databaseCommands(program);
  await expect(program.parseAsync([name, '--data-dir', dataDir], { from: 'user' })).rejects.toThrow(
    `a node (process ${process.pid}) runs on ${dataDir} and ${instead}`,
  );
  rmSync(nodeFile(dataDir));
});

test('a node is found while its process lives and its address answers', async () => {
  expect(await findRunningNode(dataDir)).toBeUndefined();
  announce(process.pid, url);
  expect(await findRunningNode(dataDir)).toEqual({ pid: process.pid, url, adminToken: ADMIN_TOKEN });
  announce(process.pid, `http://127.0.0.1:${await freePort()}`);
  expect(await findRunningNode(dataDir)).toBeUndefined();
  announce(2 ** 30, url);
  expect(await findRunningNode(dataDir)).toBeUndefined();
  writeFileSync(nodeFile(dataDir), '{"pid":');
  expect(await findRunningNode(dataDir)).toBeUndefined();
});
