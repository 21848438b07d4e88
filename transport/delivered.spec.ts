import { Delivered } from './delivered';

it('remembers for two minutes, from the last time', () => {
  const delivered = new Delivered();
  delivered.add('a', 0);
  delivered.add('b', 1_000);
  delivered.add('a', 60_000);
  expect([delivered.has('a', 121_500), delivered.has('b', 121_500)]).toEqual([true, false]);
});

it('remembers only so many', () => {
  const delivered = new Delivered();
  for (let n = 0; n <= 100_000; n += 1) delivered.add(String(n), 0);
  expect([delivered.has('0', 0), delivered.has('1', 0), delivered.has('100000', 0)]).toEqual([
    false,
    true,
    true,
  ]);
});
