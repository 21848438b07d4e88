// The state of a cluster that has just come up. Its nodes still hand shards to each other then, and what is on its way has no
// owner for a moment: that is not what whoever has started it wants to be told.
import { setTimeout as pause } from 'node:timers/promises';
import type { ClusterStatus } from '../cluster-status';

const LOOK_EVERY_MS = 200;
/** A hand-over takes a second or two; what has no owner after this long is worth knowing. */
const WITHIN_MS = 10_000;

/**
 * @param read reads the state
 * @returns the first state in which every shard has an owner, or the last one within the time
 */
export async function sharedStatus(
  read: () => Promise<ClusterStatus>,
  withinMs = WITHIN_MS,
): Promise<ClusterStatus> {
  const end = performance.now() + withinMs;
  for (;;) {
    const status = await read();
    if (Object.keys(status.free).length === 0 || performance.now() >= end) return status;
    await pause(LOOK_EVERY_MS);
  }
}
