// What one database knows of the cluster: which nodes say that they live, and which really hold shards. It only
// reads, and takes no lock, so it answers whatever the nodes do.
import type { Instant, Kind } from '../actors/domain/envelope';
import type { Queryable, Statement } from './session';
import { KIND_NUMBERS } from './shard-locks';
import { isoUtc } from './stores/iso-utc';

export interface Member {
  readonly incarnation: string;
  readonly node: string;
  readonly url: string;
  readonly since: Instant;
  /** By the database's clock. */
  readonly heartbeatAgeMs: number;
}

export interface Holding {
  readonly kind: Kind;
  readonly shard: number;
  readonly node: string;
  /** Empty if the connection does not say. */
  readonly incarnation: string;
}

export interface DatabaseView {
  readonly members: readonly Member[];
  /** The incarnations that have a connection to this database. */
  readonly connected: readonly string[];
  readonly holdings: readonly Holding[];
  /** The shards of each kind of this database are numbered from 0 to this, exclusive. */
  readonly shards: number;
}

const TABLES: Statement = {
  name: 'cluster-tables',
  text: `select to_regclass('cluster_node') is not null as "hasMembers", to_regclass('deployment') is not null as "isOurs"`,
};

/** The dead leave their rows behind: those of long ago tell nothing. */
const MEMBERS: Statement = {
  name: 'cluster-members',
  text: `select incarnation, node_name as node, url, ${isoUtc('started_time', 'since')},
      (extract(epoch from now() - heartbeat_time) * 1000)::int as "heartbeatAgeMs"
    from cluster_node where heartbeat_time > now() - interval '10 minutes' order by node_name, started_time`,
};

const CONNECTED: Statement = {
  name: 'cluster-connected',
  text: `select distinct application_name as application from pg_stat_activity
    where datname = current_database() and application_name like 'trade %'`,
};

const HOLDINGS: Statement = {
  name: 'cluster-holdings',
  text: `select l.classid::bigint::int as number, l.objid::bigint::int as shard, a.application_name as application
    from pg_locks l join pg_stat_activity a using (pid)
    where l.locktype = 'advisory' and l.objsubid = 2 and l.granted
      and l.database = (select oid from pg_database where datname = current_database())
      and l.classid::bigint = any($1::bigint[])
    order by 1, 2`,
};

const SHARDS: Statement = { name: 'cluster-shards', text: 'select shards from deployment' };

/**
 * Reads one database.
 * @param kinds those that live in it
 * @throws Error if it has no tables yet
 */
export async function readDatabaseView(reader: Queryable, kinds: readonly Kind[]): Promise<DatabaseView> {
  const [tables] = await reader.query<{ hasMembers: boolean; isOurs: boolean }>(TABLES, []);
  const [deployment] = tables?.isOurs ? await reader.query<{ shards: number }>(SHARDS, []) : [];
  if (!deployment) throw new Error('no node has ever started on this database');
  const members = tables?.hasMembers ? await reader.query<Member>(MEMBERS, []) : [];
  const connected = await reader.query<{ application: string }>(CONNECTED, []);
  const kindOf = new Map(kinds.map((kind) => [KIND_NUMBERS[kind], kind]));
  const locks = await reader.query<{ number: number; shard: number; application: string }>(HOLDINGS, [
    [...kindOf.keys()],
  ]);
  return {
    members,
    connected: connected.map(({ application }) => ownerOf(application).incarnation),
    holdings: locks.flatMap(({ number, shard, application }) => {
      const kind = kindOf.get(number);
      return kind === undefined ? [] : [{ kind, shard, ...ownerOf(application) }];
    }),
    shards: deployment.shards,
  };
}

/** A node calls its connections `trade <node> <incarnation>`. */
function ownerOf(application: string): { readonly node: string; readonly incarnation: string } {
  const [, node, incarnation] = /^trade ([\w-]+)(?: (\w+))?$/.exec(application) ?? [];
  return { node: node ?? application, incarnation: incarnation ?? '' };
}
