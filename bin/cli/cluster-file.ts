// Where the nodes of a cluster on this machine are: `cluster.json` in its data folder, which the script that
// started them writes.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface ClusterAddress {
  readonly urls: readonly string[];
  readonly adminToken: string;
}

/** @throws Error with one clear line if no cluster was started on this folder */
export function findCluster(dataDir: string): ClusterAddress {
  const path = join(dataDir, 'cluster.json');
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch {
    throw new Error(`there is no ${path}: start a cluster, or name its nodes with --url`);
  }
  const { nodes = [], env = {} } = JSON.parse(text) as {
    nodes?: readonly { readonly url: string }[];
    env?: Readonly<Record<string, string>>;
  };
  return { urls: nodes.map((node) => node.url), adminToken: env['ADMIN_TOKEN'] ?? '' };
}
