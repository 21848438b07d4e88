import type { ShardLocks } from '../actors/domain/ports/ownership';
import { lockBoth } from './joint-locks';

/** One connection: everything takes a turn, in order. */
class CountingLocks implements ShardLocks {
  readonly counts = new Map<number, number>();
  readonly refused = new Set<number>();
  mostTimes = 0;
  private last: Promise<unknown> = Promise.resolve();

  take(shards: readonly number[]): Promise<readonly number[]> {
    return this.inOrder(() => {
      const taken = shards.filter((shard) => !this.refused.has(shard));
      for (const shard of taken) this.count(shard, 1);
      return taken;
    });
  }

  release(shards: readonly number[]): Promise<void> {
    return this.inOrder(() => shards.forEach((shard) => this.count(shard, -1)));
  }

  fence(): Promise<readonly string[]> {
    return Promise.resolve([]);
  }

  drop(): void {
    this.counts.clear();
  }

  get locked(): readonly number[] {
    return [...this.counts].flatMap(([shard, times]) => (times > 0 ? [shard] : []));
  }

  private count(shard: number, by: number): void {
    const times = (this.counts.get(shard) ?? 0) + by;
    this.counts.set(shard, times);
    this.mostTimes = Math.max(this.mostTimes, times);
  }

  private inOrder<Answer>(work: () => Answer): Promise<Answer> {
    const answer = this.last.then(() => new Promise<void>((resolve) => setImmediate(resolve))).then(work);
    this.last = answer;
    return answer;
  }
}

let own: CountingLocks;
let joint: CountingLocks;
let both: ShardLocks;
beforeEach(() => {
  own = new CountingLocks();
  joint = new CountingLocks();
  both = lockBoth(own, joint);
});

test('a shard is taken when both connections have it', async () => {
  joint.refused.add(2);
  expect(await both.take([1, 2])).toEqual([1]);
  expect([own.locked, joint.locked]).toEqual([[1], [1]]);
});

test('R9: a shard that is taken again while it is unlocked is not locked twice', async () => {
  await both.take([1]);
  const released = both.release([1]);
  expect(await both.take([1])).toEqual([1]);
  await released;
  expect([own.mostTimes, joint.mostTimes]).toEqual([1, 1]);
  expect([own.locked, joint.locked]).toEqual([[1], [1]]);
});
