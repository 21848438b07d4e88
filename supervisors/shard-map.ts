// Which node is to have which shard: the same on every node that knows of the same nodes. Rendezvous hashing with a
// bound, so that nodes that come or go move few shards, and none has more than its share. Pure.

/**
 * Gives each shard to the node that scores highest for it and still has room.
 * @param shards the deployment's number of shards
 * @param nodes names, each once, in any order
 * @returns the node of each shard; undefined throughout if there are no nodes
 */
export function assignShards(shards: number, nodes: readonly string[]): readonly (string | undefined)[] {
  const owners: (string | undefined)[] = Array.from({ length: shards }, () => undefined);
  const room = new Map(nodes.map((node) => [node, Math.ceil(shards / nodes.length)]));
  const bids = nodes.flatMap((node) =>
    owners.map((_, shard) => ({ node, shard, score: scoreOf(`${node}/${shard}`) })),
  );
  // Equal scores are told apart by name, because every node must come to the same.
  bids.sort((left, right) => right.score - left.score || (left.node < right.node ? -1 : 1));
  for (const { node, shard } of bids) {
    const left = room.get(node) ?? 0;
    if (owners[shard] !== undefined || left === 0) continue;
    owners[shard] = node;
    room.set(node, left - 1);
  }
  return owners;
}

/** FNV-1a with murmur's last mix: names that differ in one letter must not score alike. */
function scoreOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let place = 0; place < text.length; place++) {
    hash ^= text.charCodeAt(place);
    hash = Math.imul(hash, 0x01000193);
  }
  hash ^= hash >>> 16;
  hash = Math.imul(hash, 0x85ebca6b);
  hash ^= hash >>> 13;
  hash = Math.imul(hash, 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
