// Who is to share the shards, as the heartbeats tell. Pure, so that nodes that have heard the same come to the same.
import type { Heartbeat } from '../actors/domain/schemas';

/** A node as it told of itself; of this node there is no view before it is made. */
export type Sharer = Pick<Heartbeat, 'node' | 'incarnation' | 'state' | 'away'> & { readonly view?: string };

/**
 * Those that are up. If nobody is, because all were told to stop together, those that leave and still have requests under
 * way: these are answered first.
 */
export function sharersAmong<Said extends Pick<Heartbeat, 'state'>>(said: readonly Said[]): readonly Said[] {
  const up = said.filter(({ state }) => state === 'up');
  return up.length > 0 ? up : said.filter(({ state }) => state === 'leaving');
}

/** Who shares, and what of it does not work: the same text on every node that knows the same. */
export const viewOf = (sharers: readonly Sharer[]): string =>
  sharers
    .map(({ incarnation, away }) => [incarnation, ...away].join('-'))
    .sort()
    .join(' ');
