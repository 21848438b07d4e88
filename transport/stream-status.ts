// The figures of the streams and of the groups that read them: what waits, and whether every copy is there.
import type { ClusterInfo, JetStreamManager } from 'nats';
import { GROUPS, STREAMS, type Group, type Stream } from '../actors/domain/events';
import { connectFirst, type NatsOptions } from './nats-options';

export interface StreamStatus {
  readonly stream: Stream;
  readonly messages: number;
  readonly bytes: number;
  /** As many copies as it should have. */
  readonly replicas: number;
  /** The server that leads it; undefined where there is no cluster. */
  readonly leader: string | undefined;
  /** `ok`, or what is wrong. */
  readonly state: string;
}

export interface GroupStatus {
  readonly group: string;
  /** Not delivered yet. */
  readonly pending: number;
  /** Delivered, and not acknowledged yet. */
  readonly ackPending: number;
  /** Of those, delivered more than once. */
  readonly redelivered: number;
  readonly state: string;
}

export interface BrokerStatus {
  readonly streams: readonly StreamStatus[];
  readonly groups: readonly GroupStatus[];
}

const ANSWER_MS = 3_000;

/** @throws Error if the broker is not there; a stream that does not answer only says so */
export async function readBrokerStatus(options: NatsOptions): Promise<BrokerStatus> {
  const connection = await connectFirst({ ...options, connectWithinMs: 0 });
  try {
    const manager = await connection.jetstreamManager({ checkAPI: false, timeout: ANSWER_MS });
    const [streams, groups] = await Promise.all([
      Promise.all(STREAMS.map((stream) => streamStatus(manager, stream))),
      Promise.all(GROUPS.map((group) => groupStatus(manager, group))),
    ]);
    return { streams, groups };
  } finally {
    await connection.close();
  }
}

async function streamStatus(manager: JetStreamManager, stream: Stream): Promise<StreamStatus> {
  try {
    const { state, config, cluster } = await manager.streams.info(stream);
    return {
      stream,
      messages: state.messages,
      bytes: state.bytes,
      replicas: config.num_replicas,
      leader: cluster?.leader,
      state: stateOf(cluster),
    };
  } catch (error) {
    return { stream, messages: 0, bytes: 0, replicas: 0, leader: undefined, state: String(error) };
  }
}

async function groupStatus(manager: JetStreamManager, { name, topic }: Group): Promise<GroupStatus> {
  try {
    const info = await manager.consumers.info(topic, name);
    return {
      group: name,
      pending: info.num_pending,
      ackPending: info.num_ack_pending,
      redelivered: info.num_redelivered,
      state: stateOf(info.cluster),
    };
  } catch (error) {
    return { group: name, pending: 0, ackPending: 0, redelivered: 0, state: String(error) };
  }
}

/** A server alone has no cluster to tell of, or one of which it is the only copy. */
function stateOf(cluster: Partial<ClusterInfo> | undefined): string {
  if (cluster === undefined) return 'ok';
  if (!cluster.leader) return 'no leader';
  const faults = (cluster.replicas ?? []).flatMap(({ name, offline, current, lag }) => {
    if (offline) return [`${name} is offline`];
    return current ? [] : [`${name} is behind${lag ? ` by ${lag}` : ''}`];
  });
  return faults.length === 0 ? 'ok' : faults.join(', ');
}
