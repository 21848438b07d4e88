import type { Loaded, LoadRequest } from '../actors/domain/ports/store';
import { BatchLoader } from './batch-loader';
import { gather } from './gathering';

/** A loader whose loads end when the test says so. */
function scene() {
  const loads: { readonly ids: string[]; readonly end: (error?: Error) => void }[] = [];
  const store = {
    load: (requests: readonly LoadRequest[]) =>
      new Promise<readonly Loaded<string, never>[]>((resolve, reject) => {
        const loaded = requests.map(({ id }): Loaded<string, never> => ({
          state: `state of ${id}`,
          recorded: undefined,
        }));
        loads.push({
          ids: requests.map(({ id }) => id),
          end: (error) => (error ? reject(error) : resolve(loaded)),
        });
      }),
  };
  const loader = new BatchLoader<string, never>(store, () => gather(1));
  const ask = (...ids: string[]): Promise<(string | undefined)[]> =>
    loader.load(ids.map((id): LoadRequest => ({ id }))).then((all) => all.map(({ state }) => state));
  const end = async (error?: Error): Promise<void> => {
    loads.at(-1)!.end(error);
    await run();
  };
  const run = () => new Promise((resolve) => setTimeout(resolve, 0));
  return { ask, end, run, idsOf: () => loads.map(({ ids }) => ids) };
}

test('what is asked for in one turn, or during a load, is asked for together', async () => {
  const { ask, end, run, idsOf } = scene();
  const first = [ask('1', '2'), ask('3')];
  await run();
  const second = [ask('4'), ask('5', '1')];
  await end();
  expect(await Promise.all(first)).toEqual([['state of 1', 'state of 2'], ['state of 3']]);
  await end();
  expect(await Promise.all(second)).toEqual([['state of 4'], ['state of 5', 'state of 1']]);
  expect(idsOf()).toEqual([
    ['1', '2', '3'],
    ['4', '5', '1'],
  ]);
});

test('a lost connection fails all of a load, and the next is tried', async () => {
  const { ask, end, run } = scene();
  const lost = Promise.allSettled([ask('1'), ask('2')]);
  await run();
  const next = ask('3');
  await end(new Error('ECONNRESET'));
  expect((await lost).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  await end();
  expect(await next).toEqual(['state of 3']);
});

test('R6: a question that the database refuses does not fail its neighbours', async () => {
  const { ask, end, run, idsOf } = scene();
  const refused = Object.assign(new Error('invalid byte sequence'), { code: '22021' });
  const asked = Promise.allSettled([ask('1'), ask('bad'), ask('2')]);
  await run();
  await end(refused);
  await end();
  await end(refused);
  await end();
  expect((await asked).map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  expect(idsOf()).toEqual([['1', 'bad', '2'], ['1'], ['bad'], ['2']]);
});
