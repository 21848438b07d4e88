import type { ClusterStatus } from '../cluster-status';
import { sharedStatus } from './shared-status';

/** One state after the other; the last one stays. */
function readingOf(...free: readonly ClusterStatus['free'][]) {
  let reads = 0;
  const read = (): Promise<ClusterStatus> => {
    const now = free[Math.min(reads, free.length - 1)];
    reads += 1;
    return Promise.resolve({ free: now } as ClusterStatus);
  };
  return { read, reads: () => reads };
}

test('shards that are on their way are waited for', async () => {
  const { read, reads } = readingOf({ order: [3, 11] }, { wallet: [3] }, {});
  await expect(sharedStatus(read)).resolves.toEqual({ free: {} });
  expect(reads()).toBe(3);
});

test('what nobody takes is told once the time is over', async () => {
  const { read } = readingOf({ order: [3] });
  await expect(sharedStatus(read, 0)).resolves.toEqual({ free: { order: [3] } });
});

test('a state that cannot be read is an error at once', async () => {
  await expect(sharedStatus(() => Promise.reject(new Error('away')))).rejects.toThrow('away');
});
