// What is measured: each row a load, and the systems that it is tried on.
import type { Workload } from './requests';

export const SYSTEMS = ['node', 'embedded', 'monolith'] as const;
export type System = (typeof SYSTEMS)[number];

export interface Row {
  readonly name: string;
  readonly workload: Workload;
  /** Requests under way at most. */
  readonly connections: number;
  readonly systems: readonly System[];
  /** How many nodes share the work. */
  readonly nodes: number;
  /** How far the database is, each way. */
  readonly farMs: number;
  /** Orders that were there before. */
  readonly history: number;
  /** Requests a second of an open loop; as many as are answered if there is none. */
  readonly rate: number | undefined;
}

const row = (name: string, workload: Workload, connections: number, more: Partial<Row> = {}): Row => ({
  name,
  workload,
  connections,
  systems: SYSTEMS,
  nodes: 1,
  farMs: 0,
  history: 0,
  rate: undefined,
  ...more,
});

export const ROWS: readonly Row[] = [
  row('uniform', 'uniform', 256),
  row('hot', 'hot', 256),
  row('uniform-32', 'uniform', 32),
  row('uniform-1', 'uniform', 1),
  row('callback', 'callback', 256),
  row('far', 'hot', 256, { systems: ['node', 'monolith'], farMs: 1 }),
  row('two-nodes', 'uniform', 256, { systems: ['node'], nodes: 2 }),
];

/** These take their time, so they are measured only if somebody names them. */
export const LONG_ROWS: readonly Row[] = [
  row('stored', 'uniform', 256, { systems: ['node', 'monolith'], history: 1_000_000 }),
  row('soak', 'uniform', 256, { systems: ['node', 'embedded'], rate: 200 }),
];
