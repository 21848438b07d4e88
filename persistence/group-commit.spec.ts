import type { Clock } from '../actors/domain/ports/clock';
import type { Fate, Settlement, StoreEntry } from '../actors/domain/ports/store';
import { gather } from './gathering';
import { GroupCommit } from './group-commit';

interface Flush {
  readonly keys: string[];
  readonly end: (outcome: readonly Fate[] | Error) => void;
}

const sqlError = (code: string): Error => Object.assign(new Error(`SQLSTATE ${code}`), { code });

/** A group commit whose flushes the test ends by hand. A fact is the conflict key of its entry. */
function scene(batchSize = 100) {
  const flushes: Flush[] = [];
  const settlements: string[] = [];
  const clock = { monotonicMs: () => now } as Clock;
  const shard = { term: 1 as number | undefined, isProven: true };
  let now = 1_000_000;
  let staged = 0;
  const committer = new GroupCommit<unknown, string>(
    {
      conflictKeys: ({ facts }) => facts,
      write: (entries) =>
        new Promise((resolve, reject) => {
          flushes.push({
            keys: entries.map(({ facts }) => facts.join()),
            end: (outcome) => (outcome instanceof Error ? reject(outcome) : resolve(outcome)),
          });
        }),
    },
    clock,
    { batchSize, freshForMs: 1_000, termOf: () => shard.term, isProven: () => shard.isProven },
  );
  /** More turns of the event loop than a flush waits for. */
  const run = (): Promise<void> => gather(20);
  const stage = (...entries: readonly (readonly [id: string, key: string])[]): void => {
    for (const [id, key] of entries) {
      const entry: StoreEntry<unknown, string> = { id, facts: [key], before: undefined, after: undefined };
      staged += 1;
      committer.stage(entry, (settlement: Settlement) => settlements.push(`${key}: ${settlement.settled}`));
    }
  };
  return {
    committer,
    shard,
    flushes,
    stage,
    run,
    advance: (ms: number) => (now += ms),
    /** Ends the flush that is under way: all applied, unless told otherwise. */
    end: async (outcome?: readonly Fate[] | Error) => {
      const flush = flushes.at(-1)!;
      flush.end(outcome ?? flush.keys.map((): Fate => 'applied'));
      await run();
    },
    settlements: () => settlements.splice(0),
    isAllTold: () => settlements.length === staged,
  };
}

const keysOf = (flushes: readonly Flush[]): string[][] => flushes.map(({ keys }) => keys);

test('what is staged in one turn is one flush, and what arrives during it is the next', async () => {
  const { stage, run, end, flushes, settlements } = scene();
  stage(['1', 'a'], ['2', 'b']);
  await run();
  stage(['3', 'c']);
  stage(['4', 'd']);
  await run();
  expect(keysOf(flushes)).toEqual([['a', 'b']]);
  expect(settlements()).toEqual([]);
  await end();
  expect(keysOf(flushes)).toEqual([
    ['a', 'b'],
    ['c', 'd'],
  ]);
  expect(settlements()).toEqual(['a: applied', 'b: applied']);
});

test('a flush is not larger than the batch size, and the rest keeps its order', async () => {
  const { stage, run, end, flushes } = scene(2);
  stage(['1', 'a'], ['2', 'b'], ['3', 'c'], ['1', 'd'], ['4', 'e']);
  await run();
  await end();
  await end();
  expect(keysOf(flushes)).toEqual([['a', 'b'], ['c', 'd'], ['e']]);
});

test('counts what waits and what is being written', async () => {
  const { committer, stage, run, end } = scene(2);
  stage(['1', 'a'], ['2', 'b'], ['3', 'c']);
  expect(committer.depth).toBe(3);
  await run();
  expect(committer.depth).toBe(3);
  await end();
  expect(committer.depth).toBe(1);
  await end();
  expect(committer.depth).toBe(0);
});

test("R5: a conflict key is in one flush once, and an entity's entries keep their order", async () => {
  const { stage, run, end, flushes } = scene();
  // '1' stages x twice: what it stages afterwards must not overtake the second.
  stage(['1', 'x'], ['1', 'x'], ['1', 'y'], ['2', 'x'], ['2', 'z'], ['3', 'w']);
  await run();
  await end();
  await end();
  expect(keysOf(flushes)).toEqual([
    ['x', 'w'],
    ['x', 'y'],
    ['x', 'z'],
  ]);
});

test('settles in the order of staging', async () => {
  const { stage, run, end, settlements } = scene();
  stage(['1', 'a'], ['2', 'b'], ['1', 'c'], ['1', 'a']);
  await run();
  await end();
  await end();
  expect(settlements()).toEqual(['a: applied', 'b: applied', 'c: applied', 'a: applied']);
});

test('R6: what was staged after a fact that was not applied as believed is withdrawn', async () => {
  const { stage, run, end, flushes, settlements } = scene();
  stage(['1', 'a'], ['2', 'b'], ['3', 'c']);
  await run();
  stage(['1', 'd'], ['2', 'e'], ['3', 'f'], ['1', 'g']);
  await end(['conflict', 'applied', 'stale']);
  expect(settlements()).toEqual([
    'a: conflict',
    'b: applied',
    'c: stale',
    'd: withdrawn',
    'f: withdrawn',
    'g: withdrawn',
  ]);
  expect(keysOf(flushes).at(-1)).toEqual(['e']);
});

test('an entity may stage anew from its callback', async () => {
  const { committer, stage, run, end, flushes } = scene();
  const entry = { id: '1', facts: ['a'], before: undefined, after: undefined };
  committer.stage(entry, () => stage(['1', 'b']));
  await run();
  await end(['conflict']);
  expect(keysOf(flushes)).toEqual([['a'], ['b']]);
});

test('R6: a lost connection makes all of the flush unavailable, and burns nothing else', async () => {
  for (const error of [sqlError('08006'), sqlError('57P01'), sqlError('40P01'), new Error('ECONNRESET')]) {
    const { stage, run, end, flushes, settlements } = scene();
    stage(['1', 'a'], ['2', 'b']);
    await run();
    stage(['1', 'c'], ['3', 'd']);
    await end(error);
    expect(settlements()).toEqual(['a: unavailable', 'b: unavailable', 'c: withdrawn']);
    expect(keysOf(flushes)).toEqual([['a', 'b'], ['d']]);
  }
});

test('R6: what the database refuses is found by writing one by one, and harms nobody else', async () => {
  for (const code of ['22001', '23505', '54000']) {
    const { stage, run, end, flushes, settlements } = scene();
    stage(['1', 'a'], ['2', 'b'], ['2', 'c'], ['1', 'd']);
    await run();
    stage(['2', 'e']);
    await end(sqlError(code));
    await end();
    await end(sqlError(code));
    // 'c' was built on 'b', and is not tried; 'd' was built on 'a'.
    await end();
    expect(keysOf(flushes)).toEqual([['a', 'b', 'c', 'd'], ['a'], ['b'], ['d']]);
    expect(settlements()).toEqual([
      'a: applied',
      'b: poisoned',
      'c: withdrawn',
      'e: withdrawn',
      'd: applied',
    ]);
  }
});

test('R6: a CHECK alone means that the actor believed other figures', async () => {
  const { stage, run, end, settlements } = scene();
  stage(['1', 'a'], ['2', 'b']);
  await run();
  await end(sqlError('23514'));
  await end(sqlError('23514'));
  await end();
  expect(settlements()).toEqual(['a: conflict', 'b: applied']);
});

test('R6: figures that prove stale in the second round withdraw what was built on them', async () => {
  const { stage, run, end, flushes, settlements } = scene();
  stage(['1', 'a'], ['1', 'b'], ['2', 'c']);
  await run();
  await end(sqlError('23514'));
  await end(['stale']);
  await end();
  expect(keysOf(flushes)).toEqual([['a', 'b', 'c'], ['a'], ['c']]);
  expect(settlements()).toEqual(['a: stale', 'b: withdrawn', 'c: applied']);
});

test('R6: a connection that is lost in the second round leaves the rest to the next flush', async () => {
  const { stage, run, end, settlements, isAllTold } = scene();
  stage(['1', 'a'], ['2', 'b'], ['2', 'c']);
  await run();
  await end(sqlError('22P02'));
  await end(sqlError('08006'));
  await end(sqlError('08006'));
  expect(isAllTold()).toBe(true);
  expect(settlements()).toEqual(['a: unavailable', 'b: unavailable', 'c: withdrawn']);
});

test('R7: is fresh for a while after a flush began that went through', async () => {
  const { committer, stage, run, end, advance } = scene();
  expect(committer.isFresh()).toBe(false);
  stage(['1', 'a']);
  await run();
  advance(600);
  await end();
  expect(committer.isFresh()).toBe(true);
  advance(399);
  expect(committer.isFresh()).toBe(true);
  advance(1);
  expect(committer.isFresh()).toBe(false);
  stage(['1', 'b']);
  await run();
  await end(sqlError('08006'));
  expect(committer.isFresh()).toBe(false);
  stage(['1', 'c']);
  await run();
  await end(sqlError('23514'));
  await end();
  expect(committer.isFresh()).toBe(true);
});

test.each([
  ['lost', undefined],
  ['lost and held anew', 2],
])('R9: what was staged for a shard that was %s is dropped', async (_what, term) => {
  const { shard, stage, run, end, flushes, settlements } = scene();
  stage(['a', 'a1']);
  await run();
  stage(['b', 'b1']);
  shard.term = term;
  await end();
  expect(keysOf(flushes)).toEqual([['a1']]);
  expect(settlements()).toEqual(['a1: applied', 'b1: unavailable']);
});

test('R9: nor is it written in the second round, if the shard was lost meanwhile', async () => {
  const { shard, stage, run, end, flushes, settlements } = scene();
  stage(['1', 'a'], ['2', 'b'], ['3', 'c']);
  await run();
  await end(sqlError('22P02'));
  shard.term = 2;
  await end();
  expect(keysOf(flushes)).toEqual([['a', 'b', 'c'], ['a']]);
  expect(settlements()).toEqual(['a: applied', 'b: unavailable', 'c: unavailable']);
});

test('R7: a flush proves nothing while others may have ended the connection', async () => {
  const { committer, shard, stage, run, end } = scene();
  stage(['a', 'a1']);
  await run();
  await end();
  expect(committer.isFresh()).toBe(true);
  shard.isProven = false;
  expect(committer.isFresh()).toBe(false);
});
