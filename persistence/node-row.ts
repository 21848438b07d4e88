// A node's row in a database, on a connection of its own, so that no flush keeps it waiting.
import type { NodeIdentity, NodeRow } from '../actors/domain/ports/ownership';
import type { HeldSession } from './held-session';
import type { Statement } from './session';

const statement = (name: string, text: string): Statement => ({ name: `node-${name}`, text });

const BEAT = statement(
  'beat',
  `insert into cluster_node (incarnation, node_name, url) values ($1, $2, $3)
    on conflict (incarnation) do update set heartbeat_time = clock_timestamp()`,
);
const LEAVE = statement('leave', 'delete from cluster_node where incarnation = $1');
/** What died long ago. What has hung for as long may hold shards still, and is fenced by its row. */
const BURY = statement(
  'bury',
  `delete from cluster_node n where n.heartbeat_time < clock_timestamp() - interval '1 day' and not exists (
    select from pg_stat_activity a where a.application_name = 'trade ' || n.node_name || ' ' || n.incarnation)`,
);

/** What a node's connections are called, so that those who look at the locks see whose they are. */
export const applicationNameOf = ({ name, incarnation }: NodeIdentity): string =>
  `trade ${name} ${incarnation}`;

export function createNodeRow(session: HeldSession, { incarnation, name, url }: NodeIdentity): NodeRow {
  let isFirst = true;
  return {
    async beat() {
      await session.query(BEAT, [incarnation, name, url]);
      if (isFirst) await session.query(BURY, []);
      isFirst = false;
    },
    async leave() {
      await session.query(LEAVE, [incarnation]);
    },
    drop: () => session.drop(),
  };
}
