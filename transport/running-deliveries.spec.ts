import { keptOfThings } from '../test/helpers/memory';
import { RunningDeliveries } from './running-deliveries';

it('tells those of a durable, while they run', () => {
  const running = new RunningDeliveries<string>();
  const endFirst = running.begin('first', 1);
  running.begin('second', 2);
  running.begin('third', 1);
  expect([running.of(1), running.of(2), running.of(3)]).toEqual([['first', 'third'], ['second'], []]);
  endFirst();
  expect([running.of(1), running.size]).toEqual([['third'], 2]);
});

it('knows the same message twice', () => {
  const running = new RunningDeliveries<string>();
  const end = running.begin('message', 1);
  running.begin('message', 1);
  end();
  end();
  expect(running.of(1)).toEqual(['message']);
});

it('lets go of what has ended', async () => {
  const running = new RunningDeliveries<object>();
  const ends: (() => void)[] = [];
  const kept = await keptOfThings((thing) => {
    ends.push(running.begin(thing, 1));
    if (ends.length > 5) ends.shift()?.();
  });
  expect(kept).toBeLessThan(0.2);
});
