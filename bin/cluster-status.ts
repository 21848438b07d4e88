// The state of a cluster from the outside: asks the databases and the broker, never a node, so that it answers
// while nodes hang.
import type { Logger } from 'pino';
import { KINDS, type Instant, type Kind } from '../actors/domain/envelope';
import { readDatabaseView, type DatabaseView } from '../persistence/cluster-status';
import { openDataSource, readerOf } from '../persistence/data-source';
import { createDeadLetters } from '../persistence/dead-letters';
import { createOutbox } from '../persistence/outbox';
import { readBrokerStatus, type BrokerStatus } from '../transport/stream-status';
import { optionsOf } from './compose-transport';
import type { Config } from './config';
import { systemClock } from './system-clock';

export interface NodeStatus {
  readonly node: string;
  readonly url: string | undefined;
  readonly incarnation: string;
  readonly since: Instant | undefined;
  readonly heartbeatAgeMs: number | undefined;
  /** `silent`: it holds shards, but no heartbeat is known of it. */
  readonly state: 'up' | 'late' | 'gone' | 'silent';
  readonly shards: Readonly<Partial<Record<Kind, number>>>;
}

export interface ClusterStatus {
  readonly time: Instant;
  readonly nodes: readonly NodeStatus[];
  /** The shards that nobody holds, by kind. */
  readonly free: Readonly<Partial<Record<Kind, readonly number[]>>>;
  readonly outbox: { readonly unsent: number; readonly sent: number };
  readonly deadLetters: number;
  /** A text says why it cannot be asked. */
  readonly broker: BrokerStatus | string;
}

/** A node tells that it lives each second. */
const LATE_MS = 3_000;
const GONE_MS = 10_000;

/** @throws Error if a database does not answer */
export async function readClusterStatus(config: Config, logger: Logger): Promise<ClusterStatus> {
  const urls = [...new Set(KINDS.map((kind) => config.databaseUrls[kind]))];
  const [databases, broker] = await Promise.all([
    Promise.all(
      urls.map((url) =>
        readDatabase(
          url ?? '',
          KINDS.filter((kind) => config.databaseUrls[kind] === url),
        ),
      ),
    ),
    readBroker(config, logger),
  ]);
  const sum = (of: (database: (typeof databases)[number]) => number): number =>
    databases.reduce((total, database) => total + of(database), 0);
  return {
    time: systemClock.now(),
    nodes: nodesOf(databases),
    free: freeOf(databases),
    outbox: { unsent: sum(({ outbox }) => outbox.unsent), sent: sum(({ outbox }) => outbox.sent) },
    deadLetters: sum(({ deadLetters }) => deadLetters),
    broker,
  };
}

type DatabaseStatus = DatabaseView & {
  readonly kinds: readonly Kind[];
  readonly outbox: { readonly unsent: number; readonly sent: number };
  readonly deadLetters: number;
};

/** Not through the ledgers: they would bring the tables up to date. */
async function readDatabase(url: string, kinds: readonly Kind[]): Promise<DatabaseStatus> {
  const dataSource = await openDataSource({
    connection: { url },
    poolSize: 1,
    applicationName: 'trade-status',
    onIdleFault: () => undefined,
  });
  try {
    const reader = readerOf(dataSource);
    const view = await readDatabaseView(reader, kinds);
    const outbox = await createOutbox(reader).counts();
    return { ...view, kinds, outbox, deadLetters: (await createDeadLetters(reader).count()).parked };
  } finally {
    await dataSource.destroy();
  }
}

async function readBroker({ nats }: Config, logger: Logger): Promise<BrokerStatus | string> {
  if (!nats) return 'NATS_URL is not set';
  try {
    return await readBrokerStatus({ ...optionsOf(nats), name: 'trade-status', logger });
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** Those that tell of themselves, and those that hold something without. */
export function nodesOf(views: readonly DatabaseView[]): readonly NodeStatus[] {
  const connected = new Set(views.flatMap((view) => view.connected));
  const found = new Map<string, NodeStatus>();
  for (const member of views.flatMap((view) => view.members)) {
    const before = found.get(member.incarnation);
    if ((before?.heartbeatAgeMs ?? Infinity) <= member.heartbeatAgeMs) continue;
    found.set(member.incarnation, {
      ...member,
      state: stateOf(member.heartbeatAgeMs, connected.has(member.incarnation)),
      shards: {},
    });
  }
  for (const { kind, node, incarnation } of views.flatMap((view) => view.holdings)) {
    const key = incarnation || node;
    const known = found.get(key) ?? {
      ...{ node, incarnation, url: undefined, since: undefined, heartbeatAgeMs: undefined },
      state: 'silent' as const,
      shards: {},
    };
    const shards = { ...known.shards, [kind]: (known.shards[kind] ?? 0) + 1 };
    found.set(key, { ...known, shards });
  }
  return [...found.values()].sort((one, other) => one.node.localeCompare(other.node));
}

/** A process that is gone has no connection left; one that hangs keeps them until it is fenced. */
function stateOf(heartbeatAgeMs: number, isConnected: boolean): NodeStatus['state'] {
  if (!isConnected || heartbeatAgeMs >= GONE_MS) return 'gone';
  return heartbeatAgeMs >= LATE_MS ? 'late' : 'up';
}

function freeOf(databases: readonly DatabaseStatus[]): ClusterStatus['free'] {
  const free = databases.flatMap(({ kinds, holdings, shards }) =>
    kinds.map((kind) => {
      const held = new Set(holdings.filter((one) => one.kind === kind).map(({ shard }) => shard));
      const all = Array.from({ length: shards }, (_, shard) => shard);
      return [kind, all.filter((shard) => !held.has(shard))] as const;
    }),
  );
  return Object.fromEntries(free.filter(([, shards]) => shards.length > 0));
}
