import type { Joint, JointStep } from '../actors/domain/joint';
import type { Kind } from '../actors/domain/envelope';
import type { Fate } from '../actors/domain/ports/store';
import { gather } from './gathering';
import { JointCommit } from './joint-commit';

interface Flush {
  readonly ids: readonly string[];
  readonly end: (outcome: readonly Fate[] | Error) => void;
}

const sqlError = (code: string): Error => Object.assign(new Error(`SQLSTATE ${code}`), { code });

/** @param facts none: the order is elsewhere */
const jointOf = (id: string, goodsId: string, facts: Joint['facts'] = [{ type: 'OrderShipped' }]): Joint => {
  const entry = { id: goodsId, facts: [], before: undefined, after: undefined };
  const steps: JointStep[] = [{ kind: 'goods', entry }];
  return { id, facts, before: undefined, after: undefined, steps };
};

/** A joint commit whose flushes the test ends by hand. */
function scene(batchSize = 100) {
  const flushes: Flush[] = [];
  const told: string[] = [];
  const terms = new Map<string, number | undefined>();
  let now = 0;
  const committer = new JointCommit(
    {
      write: (joints) =>
        new Promise((resolve, reject) => {
          flushes.push({
            ids: joints.map(({ id }) => id),
            end: (outcome) => (outcome instanceof Error ? reject(outcome) : resolve(outcome)),
          });
        }),
    },
    { monotonicMs: () => now },
    {
      kind: 'order',
      batchSize,
      termOf: (kind: Kind, id) => (terms.has(`${kind} ${id}`) ? terms.get(`${kind} ${id}`) : 1),
    },
  );
  /** More turns of the event loop than a flush waits for. */
  const run = (): Promise<void> => gather(20);
  return {
    committer,
    flushes,
    terms,
    run,
    told,
    pass: (ms: number) => (now += ms),
    stage: (id: string, goodsId = '9', facts?: Joint['facts']) =>
      committer.stage(jointOf(id, goodsId, facts), ({ settled }) => told.push(`${id}: ${settled}`)),
    end: async (outcome: readonly Fate[] | Error) => {
      flushes.at(-1)!.end(outcome);
      await run();
    },
  };
}

test('what is staged in one turn is one flush, and what arrives during it is the next', async () => {
  const { stage, run, end, flushes, told, committer } = scene();
  stage('1');
  stage('2');
  await run();
  stage('3');
  await run();
  expect(flushes.map(({ ids }) => ids)).toEqual([['1', '2']]);
  expect(committer.depth).toBe(3);
  expect(told).toEqual([]);
  await end(['applied', 'applied']);
  expect(told).toEqual(['1: applied', '2: applied']);
  await end(['applied']);
  expect(told).toEqual(['1: applied', '2: applied', '3: applied']);
  expect(committer.depth).toBe(0);
});

test('a flush has so many orders at most, and the others follow in their order', async () => {
  const { stage, run, end, flushes } = scene(2);
  for (const id of ['1', '2', '3']) stage(id);
  await run();
  await end(['applied', 'applied']);
  expect(flushes.map(({ ids }) => ids)).toEqual([['1', '2'], ['3']]);
});

test.each(['conflict', 'stale'] as const)(
  'one that is %s withdraws all that wait, for they may be built on it, and not those of its flush',
  async (fate) => {
    const { stage, run, end, flushes, told } = scene();
    stage('1');
    stage('2');
    await run();
    stage('3');
    await end([fate, 'applied']);
    expect(told).toEqual([`1: ${fate}`, '2: applied', '3: withdrawn']);
    expect(flushes).toHaveLength(1);
  },
);

test.each([
  ['22012', 'conflict'],
  ['23514', 'conflict'],
  ['55P03', 'conflict'],
  ['57014', 'conflict'],
  ['08006', 'unavailable'],
  ['40P01', 'unavailable'],
])('a flush that ends in %s makes all of it %s, and withdraws what waits', async (code, settled) => {
  const { stage, run, end, told } = scene();
  stage('1');
  stage('2');
  await run();
  stage('3');
  await end(sqlError(code));
  expect(told).toEqual([`1: ${settled}`, `2: ${settled}`, '3: withdrawn']);
});

test.each([
  ['order 1', undefined],
  ['goods 9', undefined],
  ['goods 9', 2],
])('R9: what is staged for %s is not written when its term has become %s', async (name, term) => {
  const { stage, run, flushes, told, terms } = scene();
  stage('1');
  stage('2', '8');
  terms.set(name, term);
  await run();
  expect(flushes).toEqual([]);
  expect(told).toEqual(['1: unavailable', '2: unavailable']);
});

test.each([
  ['order 1', 'applied'],
  ['goods 9', 'unavailable'],
] as const)(
  'R9: of an order elsewhere only the step is held here: without %s it is %s',
  async (name, settled) => {
    const { stage, run, end, flushes, told, terms } = scene();
    terms.set('order 1', undefined);
    stage('1', '9', []);
    terms.set(name, undefined);
    await run();
    if (flushes.length > 0) await end(['applied']);
    expect(told).toEqual([`1: ${settled}`]);
  },
);

test('goes on after what has failed', async () => {
  const { stage, run, end, told } = scene();
  stage('1');
  await run();
  await end(sqlError('22012'));
  stage('2');
  await run();
  await end(['applied']);
  expect(told).toEqual(['1: conflict', '2: applied']);
});

test.each(['55P03', '57014'])(
  'rests for five seconds after the database gave up (%s), and for nothing else',
  async (code) => {
    const { stage, run, end, committer, pass } = scene();
    stage('1');
    await run();
    await end(sqlError('22012'));
    expect(committer.isOpen()).toBe(true);
    stage('2');
    await run();
    await end(sqlError(code));
    expect(committer.isOpen()).toBe(false);
    pass(4_999);
    expect(committer.isOpen()).toBe(false);
    pass(1);
    expect(committer.isOpen()).toBe(true);
  },
);
