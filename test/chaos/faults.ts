// What can happen to a cluster: to whom, and for how long. Its parts that are at rest are one target each, so that
// faults of different parts overlap and those of the same part take turns.

export type Target = 'node' | 'network' | 'PostgreSQL' | 'NATS';

export interface FaultKind {
  readonly of: Target;
  /** How many of them; 'some' is one or all. */
  readonly whom: 1 | 2 | 'some' | 'all';
  /** From least to most; [0, 0]: it comes back at once. */
  readonly forMs: readonly [number, number];
}

/** A node that is silent for longer than this loses its shards, and with them the right to commit. */
const BEYOND_FENCE_MS = 4_500;

export const FAULTS = {
  'kill a node': { of: 'node', whom: 1, forMs: [100, 4_000] },
  'kill two nodes': { of: 'node', whom: 2, forMs: [100, 3_000] },
  'kill all nodes': { of: 'node', whom: 'all', forMs: [0, 1_500] },
  'restart a node': { of: 'node', whom: 1, forMs: [0, 0] },
  'hang a node': { of: 'node', whom: 1, forMs: [BEYOND_FENCE_MS, 8_000] },
  'hang a node briefly': { of: 'node', whom: 1, forMs: [50, 2_500] },
  'end the connections of a node': { of: 'network', whom: 1, forMs: [0, 0] },
  'reset the network of a node': { of: 'network', whom: 1, forMs: [0, 0] },
  'slow down the network of a node': { of: 'network', whom: 1, forMs: [1_000, 8_000] },
  'cut a node off': { of: 'network', whom: 1, forMs: [500, 8_000] },
  'cut a node off from PostgreSQL': { of: 'network', whom: 1, forMs: [500, 8_000] },
  'cut a node off from NATS': { of: 'network', whom: 1, forMs: [500, 8_000] },
  'restart PostgreSQL': { of: 'PostgreSQL', whom: 'all', forMs: [0, 3_000] },
  'kill PostgreSQL': { of: 'PostgreSQL', whom: 'all', forMs: [0, 3_000] },
  'restart NATS': { of: 'NATS', whom: 'some', forMs: [0, 3_000] },
  'kill NATS': { of: 'NATS', whom: 'some', forMs: [0, 3_000] },
  'lose the disk of NATS': { of: 'NATS', whom: 'some', forMs: [0, 2_000] },
  'delete the streams': { of: 'NATS', whom: 'all', forMs: [0, 0] },
} as const satisfies Readonly<Record<string, FaultKind>>;

export type Fault = keyof typeof FAULTS;

export const FAULT_NAMES = Object.keys(FAULTS) as readonly Fault[];

/** How long a part needs after a fault to be itself again; the next fault of it comes later. */
export const RECOVERS_MS: Readonly<Record<Target, number>> = {
  node: 3_000,
  network: 500,
  PostgreSQL: 2_000,
  NATS: 3_000,
};
