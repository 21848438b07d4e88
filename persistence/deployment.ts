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
 * Founds the deployment, or joins the one that the data belongs to, in all of its databases.
 * @param readers one a database
 * @throws Error if the data was written with another number of shards, or belongs to different deployments
 */
export async function joinDeployments(
  readers: readonly Queryable[],
  shards: number,
): Promise<{ readonly deploymentId: string }> {
  let deploymentId: string | undefined;
  for (const reader of readers) {
    const joined = await joinDeployment(reader, shards, deploymentId);
    deploymentId ??= joined.deploymentId;
    if (joined.deploymentId !== deploymentId) {
      throw new Error(
        `the databases belong to different deployments, ${deploymentId} and ${joined.deploymentId}: look at their URLs`,
      );
    }
  }
  if (deploymentId === undefined) throw new Error('there is no database');
  return { deploymentId };
}

async function joinDeployment(
  reader: Queryable,
  shards: number,
  deploymentId: string = randomUUID(),
): Promise<{ readonly deploymentId: string }> {
  const [row] = await reader.query<{ deployment_id: string; shards: number }>(JOIN, [deploymentId, shards]);
  if (!row) throw new Error('the deployment cannot be read');
  if (row.shards !== shards) {
    throw new Error(
      `SHARDS is ${shards}, but this data was written with ${row.shards}; it cannot be changed`,
    );
  }
  return { deploymentId: row.deployment_id };
}
