import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { brokenRules } from './settled-audit';

// Between two questions no time passes.
jest.mock('node:timers/promises', () => ({ setTimeout: () => Promise.resolve() }));

const rule = (broken: number) => ({ rule: 'stock adds up', broken, examples: ['goods 1'] });

let server: Server;
let answers: (readonly object[])[];

beforeEach(async () => {
  server = createServer((_, response) => {
    const rules = answers.length > 1 ? answers.shift() : answers[0];
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ success: true, code: 0, data: { clean: false, rules } }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterEach(() => new Promise((resolve) => server.close(resolve)));

const ask = (withinMs: number, onWait: (why: string) => void): Promise<readonly string[]> => {
  const { port } = server.address() as AddressInfo;
  return brokenRules({ urls: [`http://127.0.0.1:${port}`], adminToken: 'admin', withinMs, onWait });
};

test('it is asked until the rules hold, and says why each time', async () => {
  answers = [[rule(2)], [rule(1)], [rule(0)]];
  const waits: string[] = [];
  expect(await ask(60_000, (why) => waits.push(why))).toEqual([]);
  expect(waits).toEqual([
    'the audit is not clean yet (1): stock adds up: 2, goods 1',
    'the audit is not clean yet (1): stock adds up: 1, goods 1',
  ]);
});

test('what is broken in the end is what comes back', async () => {
  answers = [[rule(2)]];
  expect(await ask(-1, () => undefined)).toEqual(['stock adds up: 2, goods 1']);
});
