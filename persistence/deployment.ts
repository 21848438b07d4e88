// One deployment: its id and its number of shards are stored with the data, and a node that is configured
// otherwise refuses to start (R18).
import { randomUUID } from 'node:crypto';
import type { Queryable, Statement } from './session';

const JOIN: Statement = {
  name: 'deployment-join',
  // Of two nodes that come first at once, the later must see the earlier's row: DO NOTHING would return none.
  text: `insert into deployment as d (deployment_id, shards) values ($1, $2)
    on conflict (only_one) do update set shards = d.shards returning deployment_id, shards`,
};

/**
 * Founds the deployment, or joins the one that the data belongs to.
 * @throws Error if the data was written with another number of shards
 */
export async function joinDeployment(
  reader: Queryable,
  shards: number,
): Promise<{ readonly deploymentId: string }> {
  const [row] = await reader.query<{ deployment_id: string; shards: number }>(JOIN, [randomUUID(), shards]);
  if (!row) throw new Error('the deployment cannot be read');
  if (row.shards !== shards) {
    throw new Error(
      `SHARDS is ${shards}, but this data was written with ${row.shards}; it cannot be changed`,
    );
  }
  return { deploymentId: row.deployment_id };
}
