import { thirdsOf } from './memory';
import { statOf } from './processes';

it('reads the line of a process whatever its program is called', () => {
  const line = '12 (a) b (c)) S 7 12 12 0 -1 4194304 100 0 0 0 150 50 20 5 20 0 1 0 100';
  expect(statOf(line)).toEqual({ parent: 7, ticks: 225 });
});

it('compares the last third with the middle one', () => {
  expect(thirdsOf([1, 2, 3, 10, 11, 12, 20, 21, 22])).toEqual({ middleMb: 11, lastMb: 21 });
  expect(thirdsOf([5])).toEqual({ middleMb: 5, lastMb: 5 });
});
