// The short form of `npm run simulate`: some seeds are clean, those that found a fault once stay so, and a seed is the
// same run wherever and whenever it runs.
import { runSeed } from './shop/run';

jest.setTimeout(120_000);

const SEEDS = Array.from({ length: 40 }, (_, place) => place + 1);

it('ends in the truth, whatever strikes', async () => {
  const broken: string[] = [];
  const faults = new Set<string>();
  let orders = 0;
  for (const seed of SEEDS) {
    const run = await runSeed(seed);
    orders += run.figures.orders;
    for (const fault of run.figures.faults) faults.add(fault);
    broken.push(...run.broken.map((line) => `seed ${seed}: ${line}`));
  }
  expect(broken).toEqual([]);
  // It would be clean too if nothing happened.
  expect(orders).toBeGreaterThan(SEEDS.length);
  expect(faults.size).toBeGreaterThan(10);
});

it('runs a seed the same way again, whatever ran before', async () => {
  const [first] = [await runSeed(20), await runSeed(3)];
  expect(await runSeed(20)).toEqual(first);
  expect((await runSeed(21)).fingerprint).not.toBe(first.fingerprint);
});
