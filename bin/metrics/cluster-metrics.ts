// Who shares the work, as this node sees it: nodes, the shards that it holds, those that nobody holds, and how often
// shards come and go.
import type { Registry } from 'prom-client';
import type { SharedOwnership } from '../../supervisors/shared-ownership';
import { counterIn } from './counter';
import { gaugesIn } from './gauge';

export function addClusterMetrics(registry: Registry, ownership: SharedOwnership): void {
  const { single, perKind } = gaugesIn(registry);
  perKind('trade_shards_held', 'Shards that this node holds', (kind) => ownership.held(kind));
  perKind('trade_shards_unowned', 'Shards that nobody is known to hold', (kind) => ownership.unowned(kind));
  single('trade_nodes', 'Nodes that are up, this one included', () => ownership.nodes());
  const moves = counterIn(registry)('trade_shard_moves_total', 'Shards gained and lost', 'kind', 'move');
  ownership.onGained((kind, shards) => moves.inc({ kind, move: 'gained' }, shards.length));
  ownership.onLost((kind, shards) => moves.inc({ kind, move: 'lost' }, shards.length));
}
