// The locks of a kind that joint commits write too: they are on two connections, and a shard is held when both have it.
import type { ShardLocks } from '../actors/domain/ports/ownership';

/**
 * @param own on the connection that writes for the kind
 * @param joint on the one that writes joint commits
 */
export const lockBoth = (own: ShardLocks, joint: ShardLocks): ShardLocks => ({
  async take(shards) {
    const taken = await own.take(shards);
    if (taken.length === 0) return taken;
    const both = await joint.take(taken);
    const half = taken.filter((shard) => !both.includes(shard));
    if (half.length > 0) await own.release(half);
    return both;
  },
  async release(shards) {
    // At once: if they are to be taken again, that must not overtake this on either connection.
    await Promise.all([joint.release(shards), own.release(shards)]);
  },
  async fence(shards, spared) {
    const fenced = [await own.fence(shards, spared), await joint.fence(shards, spared)];
    return [...new Set(fenced.flat())];
  },
  drop() {
    own.drop();
    joint.drop();
  },
});
