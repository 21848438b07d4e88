import { setTimeout as pause } from 'node:timers/promises';
import { Pulse } from './pulse';

const standStill = (ms: number): void => {
  const until = performance.now() + ms;
  while (performance.now() < until);
};

it('tells how long the client stood still', async () => {
  const pulse = new Pulse();
  pulse.begin();
  // It measures from one tick to the next, so it must have ticked.
  await pause(50);
  standStill(150);
  await pause(20);
  const [ms, ...others] = pulse.end();
  expect(ms).toBeGreaterThanOrEqual(100);
  expect(others).toEqual([]);
});
