// Which shard an id belongs to: the same on every node, for ever.

/**
 * FNV-1a over the id's text, folded into the number of shards.
 * @param shards the deployment's fixed number of shards (R18)
 * @returns 0 to shards - 1
 */
export function shardOf(id: string, shards: number): number {
  let hash = 0x811c9dc5;
  for (let place = 0; place < id.length; place++) {
    hash ^= id.charCodeAt(place);
    hash = Math.imul(hash, 0x01000193);
  }
  return (hash >>> 0) % shards;
}
