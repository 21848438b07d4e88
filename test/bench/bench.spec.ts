// The bench works and its verdict bites, in a second and on few requests. No time is judged here: that is for a machine
// that does nothing else.
import { freePort } from '../helpers/free-port';
import { databaseUrl } from '../helpers/servers';
import { openKeys } from '../../bin/sandbox/keys';
import { keptSecrets } from '../../bin/secrets';
import { drive } from './drive';
import { Ground } from './ground';
import { measure } from './measure';
import { startMonolith } from './monolith/server';
import { placeOnServer, type Place } from './place';
import { callbacks, orders, supplyFor, type Workload } from './requests';
import { ROWS, type Row } from './rows';
import { fill } from './stock';
import { countDone, judge } from './verdict';

jest.setTimeout(120_000);

const FEW = 40;
const NOBODY = { done: 0, unknown: 0 };
const ground = new Ground({ url: databaseUrl() });
afterAll(() => ground.close());

const small = (name: string): Row => ({ ...ROWS.find((row) => row.name === name)!, connections: 4 });

it.each(['uniform', 'callback'])('measures a node with %s', async (name) => {
  const plan = { warmupSeconds: 0, seconds: 1, rate: FEW };
  const { done, others, broken } = await measure('node', small(name), ground, plan);
  expect({ others, broken }).toEqual({ others: {}, broken: [] });
  expect(done).toBeGreaterThan(0);
});

describe('the verdict', () => {
  let place: Place;
  beforeAll(async () => {
    place = await placeOnServer(ground);
  });
  afterAll(() => place.drop());

  it('finds filled books in order, and every fault that is planted in them', async () => {
    const books = await place.open();
    try {
      await fill(books.reader, { coupons: 10, payments: 20, history: 30 });
      const before = await countDone(books, 'uniform');
      expect(await judge(books, 'uniform', before, NOBODY)).toEqual([]);
      const fault = 'update trade_goods set goods_number = goods_number + 1 where goods_id = 7';
      await books.reader.query({ name: '', text: fault }, []);
      expect(await judge(books, 'uniform', before, NOBODY)).toEqual([
        'stock is the sum of its ledger: 1, e.g. 7',
      ]);
    } finally {
      await books.close();
    }
  });

  it('finds what was said and not done, and what was done and not said', async () => {
    const books = await place.open();
    try {
      const before = await countDone(books, 'callback');
      const said = async (done: number, unknown: number, then = before): Promise<number> =>
        (await judge(books, 'callback', then, { done, unknown })).filter((line) => line.includes('were said'))
          .length;
      expect(await said(1, 0)).toBe(1);
      expect(await said(0, 1)).toBe(0);
      expect(await said(0, 0, before - 1)).toBe(1);
      expect(await said(0, 1, before - 1)).toBe(0);
    } finally {
      await books.close();
    }
  });
});

describe('the monolith', () => {
  let place: Place;
  beforeEach(async () => {
    place = await placeOnServer(ground);
  });
  afterEach(() => place.drop());

  /** Sends a few requests, each changed a little if told so. */
  async function drivenFor(workload: Workload, change: (request: string) => string = (request) => request) {
    const supply = supplyFor(workload, FEW);
    const books = await place.open();
    const port = await freePort();
    try {
      await fill(books.reader, supply);
      const { jwtSecret } = keptSecrets(ground.dataDir);
      const { publicKey } = openKeys(ground.dataDir);
      const monolith = await startMonolith({ databaseUrl: place.url ?? '', port, jwtSecret, publicKey });
      const { next, isDone } =
        workload === 'callback'
          ? callbacks(ground.callbacks(FEW))
          : orders(workload, supply, (userId) => ground.tokenOf(userId));
      let left = FEW;
      const changed = (): string | undefined => {
        const request = (left -= 1) < 0 ? undefined : next();
        return request && change(request);
      };
      const load = { ports: [port], connections: 8, warmupMs: 0, measureMs: 30_000, next: changed, isDone };
      const { score } = await drive(load).finally(() => monolith.close());
      return { score, broken: await judge(books, workload, 0, score) };
    } finally {
      await books.close();
    }
  }

  it.each(['uniform', 'hot', 'callback'] as const)('keeps the books under %s', async (workload) => {
    const { score, broken } = await drivenFor(workload);
    expect({ done: score.done, others: score.others, broken }).toEqual({ done: FEW, others: {}, broken: [] });
  });

  it('refuses what a node refuses, and the bench says so', async () => {
    const wrongPrice = (request: string): string =>
      request.replace('"goodsPrice":"6.50"', '"goodsPrice":"6.51"');
    const { score, broken } = await drivenFor('hot', wrongPrice);
    expect({ done: score.done, others: score.others, broken }).toEqual({
      done: 0,
      others: { '422 code 10003': FEW },
      broken: [],
    });
  });

  it.each([
    ['hot', { '401 code 80001': FEW }],
    ['callback', { '401 code 70004': FEW }],
  ] as const)('believes nobody without a right token or signature: %s', async (workload, others) => {
    const changed = (one: string): string => (one === 'A' ? 'B' : 'A');
    const forged = (request: string): string =>
      request.replace(
        /(Bearer \S+\.|x-signature: )(\S)/,
        (_, head: string, one: string) => head + changed(one),
      );
    const { score, broken } = await drivenFor(workload, forged);
    expect({ done: score.done, others: score.others, broken }).toEqual({ done: 0, others, broken: [] });
  });
});
