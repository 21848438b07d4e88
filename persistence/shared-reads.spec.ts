import type { CombinedStatement } from './combined-statement';
import { gather } from './gathering';
import type { Queryable, Statement } from './session';
import { SharedReads } from './shared-reads';

interface Run {
  readonly names: readonly string[];
  readonly values: readonly unknown[];
  readonly end: (error?: Error) => Promise<void>;
}

const partsOf = (statement: Statement | CombinedStatement) =>
  'parts' in statement ? statement.parts : undefined;

/** A database whose statements end when the test says so: each answers its name and the first of its values. */
function scene() {
  const runs: Run[] = [];
  const reader: Queryable = {
    query: <Row>(statement: Statement, values: readonly unknown[]) =>
      new Promise<readonly Row[]>((resolve, reject) => {
        const parts = partsOf(statement);
        let from = 0;
        const combined = parts?.map(({ statement: { name }, width }) => {
          const [value] = values.slice(from, (from += width));
          return value === 'nobody' ? null : [`${name} ${String(value)}`];
        });
        const rows: readonly unknown[] = combined ? [combined] : [`${statement.name} ${String(values[0])}`];
        runs.push({
          names: parts?.map((part) => part.statement.name) ?? [statement.name],
          values,
          end: async (error) => {
            if (error) reject(error);
            else resolve(rows as readonly Row[]);
            await gather(3);
          },
        });
      }),
  };
  const timers = new Set<() => void>();
  const later = (_ms: number, run: () => void) => {
    timers.add(run);
    return () => timers.delete(run);
  };
  const reads = new SharedReads(reader, { later });
  const ask = (name: string, ...values: string[]): Promise<readonly unknown[]> =>
    reads.query({ name, text: `select $1 -- ${name}` }, values);
  const loseTime = async (): Promise<void> => {
    for (const run of timers) run();
    await gather(3);
  };
  return { reads, ask, runs, names: () => runs.map((run) => run.names), timers, loseTime };
}

test('what is asked at one moment is asked together, and each is answered its own', async () => {
  const { ask, runs, names } = scene();
  const answers = [ask('wallet', '1', '2'), ask('goods', '3'), ask('coupon', 'nobody')];
  await gather(2);
  expect(names()).toEqual([['coupon', 'goods', 'wallet']]);
  expect(runs[0]!.values).toEqual(['nobody', '3', '1', '2']);
  await runs[0]!.end();
  expect(await Promise.all(answers)).toEqual([['wallet 1'], ['goods 3'], []]);
});

test('who is alone is asked as it stands', async () => {
  const { ask, runs, names } = scene();
  const answer = ask('goods', '3');
  await gather(2);
  expect(names()).toEqual([['goods']]);
  await runs[0]!.end();
  expect(await answer).toEqual(['goods 3']);
});

test('one statement is under way at a time, and who waits for it asks together with the others', async () => {
  const { reads, ask, runs, names } = scene();
  const first = ask('goods', '1');
  await gather(2);
  const inTurn = ['wallet', 'coupon'].map((name) => reads.turn().then(() => ask(name, '2')));
  const atOnce = ask('order', '3');
  await gather(3);
  expect(names()).toEqual([['goods']]);
  await runs[0]!.end();
  expect(names()).toEqual([['goods'], ['coupon', 'order', 'wallet']]);
  await runs[1]!.end();
  expect(await Promise.all([first, ...inTurn, atOnce])).toEqual([
    ['goods 1'],
    ['wallet 2'],
    ['coupon 2'],
    ['order 3'],
  ]);
});

test('the same questions are the same statement, in whatever order they come', async () => {
  const { ask, runs } = scene();
  for (const names of [
    ['a', 'b'],
    ['b', 'a'],
  ]) {
    const answers = names.map((name) => ask(name, '1'));
    await gather(2);
    await runs.at(-1)!.end();
    expect(await Promise.all(answers)).toEqual(names.map((name) => [`${name} 1`]));
  }
});

test('R6: a question that the database refuses does not fail its neighbours', async () => {
  const { ask, runs, names } = scene();
  const answers = Promise.allSettled([ask('goods', '1'), ask('wallet', 'bad')]);
  const refused = Object.assign(new Error('invalid input'), { code: '22P02' });
  await gather(2);
  await runs[0]!.end(refused);
  await runs[1]!.end();
  await runs[2]!.end(refused);
  expect(names()).toEqual([['goods', 'wallet'], ['goods'], ['wallet']]);
  expect((await answers).map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
});

test('a lost connection fails all of a statement, and the next is asked', async () => {
  const { ask, runs } = scene();
  const lost = Promise.allSettled([ask('goods', '1'), ask('wallet', '2')]);
  await gather(2);
  const next = ask('goods', '3');
  await runs[0]!.end(new Error('ECONNRESET'));
  expect((await lost).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  await runs[1]!.end();
  expect(await next).toEqual(['goods 3']);
});

test('of those who wait too long each is asked alone, and nobody waits for the one who is in the way', async () => {
  const { reads, ask, runs, names, loseTime, timers } = scene();
  const payment = ask('payment', '1');
  const wallet = expect(ask('wallet', '2')).rejects.toThrow('statement timeout');
  await gather(2);
  const inTurn = reads.turn().then(() => ask('payment', '3'));
  await loseTime();
  await runs[1]!.end();
  expect(await payment).toEqual(['payment 1']);
  expect(names()).toEqual([['payment', 'wallet'], ['payment'], ['wallet'], ['payment']]);
  await runs[3]!.end();
  expect(await inTurn).toEqual(['payment 3']);
  await runs[0]!.end(new Error('statement timeout'));
  await wallet;
  expect(timers.size).toBe(0);
});
