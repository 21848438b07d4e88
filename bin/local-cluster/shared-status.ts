// The state of a cluster that has just come up. Its nodes still hand shards to each other then, and what is on its way has no
// owner for a moment: that is not what whoever has started it wants to be told.
import type { ClusterStatus } from '../cluster-status';
import { until } from '../local-servers/until';

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
  let status = await read();
  const isShared = (): boolean => Object.keys(status.free).length === 0;
  const isSharedNow = async (): Promise<boolean> => {
    if (!isShared()) status = await read();
    return isShared();
  };
  await until('every shard to have an owner', isSharedNow, withinMs).catch(() => undefined);
  return status;
}
