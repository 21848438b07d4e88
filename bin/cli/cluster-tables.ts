// The state of a cluster as a person reads it: who is there, who holds what, what waits.
import { KINDS } from '../../actors/domain/envelope';
import type { ClusterStatus, NodeStatus } from '../cluster-status';
import { tableOf } from './print';

/** @returns lines without an end of line */
export function clusterTables(status: ClusterStatus): string {
  const { outbox, deadLetters, nodes } = status;
  return [
    nodes.length === 0 ? 'no node runs' : tableOf(nodes.map(nodeRow)),
    freeLine(status),
    ...brokerLines(status),
    `outbox: ${outbox.unsent} to be sent, ${outbox.sent} wait for their groups; dead letters: ${deadLetters}`,
  ].join('\n');
}

const nodeRow = ({ node, url, incarnation, since, heartbeatAgeMs, state, shards }: NodeStatus) => ({
  node,
  url,
  incarnation,
  since,
  heartbeat: heartbeatAgeMs === undefined ? 'none' : `${(heartbeatAgeMs / 1_000).toFixed(1)} s ago`,
  state,
  ...Object.fromEntries(KINDS.map((kind) => [kind, shards[kind] ?? 0])),
});

function freeLine({ free }: ClusterStatus): string {
  const parts = KINDS.flatMap((kind) => (free[kind] ? [`${kind} ${rangesOf(free[kind])}`] : []));
  return parts.length === 0 ? 'every shard has an owner' : `shards without an owner: ${parts.join('; ')}`;
}

/** 0, 1, 2, 5 become `0-2, 5`. @param numbers ascending */
export function rangesOf(numbers: readonly number[]): string {
  const ranges: [first: number, last: number][] = [];
  for (const number of numbers) {
    const open = ranges.at(-1);
    if (open?.[1] === number - 1) open[1] = number;
    else ranges.push([number, number]);
  }
  return ranges.map(([first, last]) => (first === last ? `${first}` : `${first}-${last}`)).join(', ');
}

function brokerLines({ broker }: ClusterStatus): readonly string[] {
  if (typeof broker === 'string') return [`NATS does not answer: ${broker}`];
  const streams = broker.streams.map((row) => ({ ...row, leader: row.leader ?? 'the only server' }));
  return [tableOf(streams), tableOf(broker.groups.map((row) => ({ ...row })))];
}
