// Faults of who owns what: actors that live on when their shard is another's.
import type { Mutation } from '../mutation';

export const ownershipMutations: readonly Mutation[] = [
  {
    name: 'actors-outlive-their-shard',
    breaks:
      'R9: a shard that comes back meets the actors of before, who know nothing of what was done meanwhile',
    file: 'supervisors/shard-region.ts',
    find: '      abandon((shard) => lost.has(shard));',
    replace: '      if (lost.size > options.mostIdle) abandon((shard) => lost.has(shard));',
  },
  {
    name: 'shards-kept-without-a-connection',
    breaks: 'R9: a node whose connection is lost goes on as if it held the locks',
    file: 'supervisors/shard-holder.ts',
    find: '    this.held.clear();\n    if (shards.length > 0) this.options.onLost(shards);',
    replace: '    if (shards.length < 0) this.options.onLost(shards);',
  },
  {
    name: 'actors-outlive-a-hand-over',
    breaks:
      'R9: a shard that is handed over leaves its actors behind, who know nothing of what is done elsewhere',
    file: 'supervisors/shard-holder.ts',
    find: '    onLost(shards);\n    try {',
    replace: '    try {',
  },
];
