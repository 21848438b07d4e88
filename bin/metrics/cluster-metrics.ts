// Who shares the work, as this node sees it: nodes, the shards that it holds, those that nobody holds, and how often
// shards come and go.
import { Gauge, type Registry } from 'prom-client';
import { KINDS, type Kind } from '../../actors/domain/envelope';
import type { SharedOwnership } from '../../supervisors/shared-ownership';
import { counterIn } from './counter';

export function addClusterMetrics(registry: Registry, ownership: SharedOwnership): void {
  const registers = [registry];
  const perKind = (name: string, help: string, read: (kind: Kind) => number): void => {
    const gauge: Gauge = new Gauge({
      name,
      help,
      labelNames: ['kind'],
      registers,
      collect: () => KINDS.forEach((kind) => gauge.set({ kind }, read(kind))),
    });
  };
  perKind('trade_shards_held', 'Shards that this node holds', (kind) => ownership.held(kind));
  perKind('trade_shards_unowned', 'Shards that nobody is known to hold', (kind) => ownership.unowned(kind));
  const nodes: Gauge = new Gauge({
    name: 'trade_nodes',
    help: 'Nodes that are up, this one included',
    registers,
    collect: () => nodes.set(ownership.nodes()),
  });
  const moves = counterIn(registry)('trade_shard_moves_total', 'Shards gained and lost', 'kind', 'move');
  ownership.onGained((kind, shards) => moves.inc({ kind, move: 'gained' }, shards.length));
  ownership.onLost((kind, shards) => moves.inc({ kind, move: 'lost' }, shards.length));
}
