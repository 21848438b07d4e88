import { tellingWaits } from './telling-waits';

test('why it is waited is told after a while, and then now and then', () => {
  const told: string[] = [];
  let now = 100_000;
  const waits = tellingWaits(
    (why) => told.push(why),
    () => now,
  );
  for (let second = 0; second <= 12; second += 1) {
    waits(`${second} s`);
    now += 1_000;
  }
  expect(told).toEqual(['5 s', '10 s']);
});
