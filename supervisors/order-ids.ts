// Ids of new orders. Which node an order lives on follows from its id, and of ids there is no end: one is drawn that lives
// where most of what the order needs does, so that less of it travels, and orders over one node are one commit (ADR 16).
import type { Address } from '../actors/domain/envelope';
import { id, type OrderId } from '../actors/domain/ids';
import type { IdSource, OrderIds } from '../actors/domain/ports/id-source';
import type { Ownership } from '../actors/domain/ports/ownership';
import { shardOf } from './shard';

export interface OrderIdsParts {
  readonly ids: IdSource;
  readonly ownership: Pick<Ownership, 'ownerOf'>;
  /** This node's name. */
  readonly node: string;
  readonly shards: number;
}

/** Of two nodes that have as many shards each the right one is missed once in 4,096 orders; of ten, once in four. */
const MOST_DRAWS = 12;

export function createOrderIds({ ids, ownership, node, shards }: OrderIdsParts): OrderIds {
  /** The node that has most of them; among equals this one, which the answer need not travel to. */
  const homeOf = (needs: readonly Address[]): string | undefined => {
    const counts = new Map<string, number>();
    let [home, most] = [undefined as string | undefined, 0];
    for (const { kind, id: name } of needs) {
      const owner = ownership.ownerOf(kind, shardOf(name, shards));
      if (owner === undefined) continue;
      const count = (counts.get(owner) ?? 0) + 1;
      counts.set(owner, count);
      if (count > most || (count === most && owner === node)) [home, most] = [owner, count];
    }
    return home;
  };

  return {
    next(needs) {
      const home = homeOf(needs);
      let drawn = ids.next();
      for (let draws = 1; draws < MOST_DRAWS && home !== undefined; draws += 1) {
        if (ownership.ownerOf('order', shardOf(drawn, shards)) === home) break;
        drawn = ids.next();
      }
      return id<OrderId>(drawn);
    },
  };
}
