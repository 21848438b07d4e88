// The session advisory locks of a kind's shards, on the very connection that writes for it: when the connection
// goes, lock and ability to write go together. A silent owner's connection is ended by whoever takes over (R9).
import type { Kind } from '../actors/domain/envelope';
import type { ShardLocks } from '../actors/domain/ports/ownership';
import type { HeldSession } from './held-session';
import type { Queryable, Statement } from './session';

/** The first key of the two-key advisory locks; 100 and above are for other purposes. */
export const KIND_NUMBERS: Readonly<Record<Kind, number>> = {
  order: 1,
  payment: 2,
  goods: 3,
  coupon: 4,
  wallet: 5,
  'pay-log': 6,
};

/** What is added to a kind's number for the connection of its joint commits. */
const JOINT = 10;

const statement = (name: string, text: string): Statement => ({ name: `shards-${name}`, text });

const TAKE = statement(
  'take',
  'select shard from unnest($2::int[]) as shard where pg_try_advisory_lock($1::int, shard)',
);
const RELEASE = statement(
  'release',
  'select count(*) filter (where pg_advisory_unlock($1::int, shard))::int as unlocked from unnest($2::int[]) as shard',
);
/**
 * By backend and incarnation: a process number may be another process's by now. Age is told by the database's clock,
 * which is the same for all.
 */
const FENCE = statement(
  'fence',
  `
with holders as (
  select distinct l.pid, n.node_name
  from pg_locks l
  join pg_stat_activity a on a.pid = l.pid
  join cluster_node n on a.application_name = 'trade ' || n.node_name || ' ' || n.incarnation
  where l.locktype = 'advisory' and l.granted and l.objsubid = 2 and l.classid = $1::int
    and l.objid = any($2::int[]::oid[]) and l.database = (select oid from pg_database where datname = current_database())
    and not n.incarnation = any($3::text[])
    and n.heartbeat_time < clock_timestamp() - $4::int * interval '1 millisecond')
select node_name from holders where pg_terminate_backend(pid)`,
);

export interface ShardLocksParts {
  readonly kind: Kind;
  /** The connection that writes for the kind. */
  readonly session: HeldSession;
  /** Whether it writes the kind's part of joint commits: these have locks of their own. */
  readonly isJoint?: boolean;
  /** Another one: the statement that ends a backend must not wait behind a flush. */
  readonly reader: Queryable;
  /** How old a node's row must be before its connections may be ended. */
  readonly staleMs: number;
}

export function createShardLocks(parts: ShardLocksParts): ShardLocks {
  const { kind, session, isJoint = false, reader, staleMs } = parts;
  const number = KIND_NUMBERS[kind] + (isJoint ? JOINT : 0);
  return {
    async take(shards) {
      const rows = await session.query<{ shard: number }>(TAKE, [number, shards]);
      return rows.map((row) => row.shard);
    },
    async release(shards) {
      const [row] = await session.query<{ unlocked: number }>(RELEASE, [number, shards]);
      if (row?.unlocked !== shards.length)
        throw new Error(`of ${shards.length} shards, some were not locked`);
    },
    async fence(shards, spared) {
      const rows = await reader.query<{ node_name: string }>(FENCE, [number, shards, spared, staleMs]);
      return [...new Set(rows.map((row) => row.node_name))];
    },
    drop: () => session.drop(),
  };
}
