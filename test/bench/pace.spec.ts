import { asAnswered, evenly } from './pace';

it('a closed loop has its next request due when the last one was answered', () => {
  expect([5, 17].map(asAnswered)).toEqual([5, 17]);
});

it('an open loop has its own times, also when they are past', () => {
  const pace = evenly(100, 1_000);
  expect([1_000, 1_001, 5_000, 5_000].map(pace)).toEqual([1_000, 1_010, 1_020, 1_030]);
});
