// Several nats-servers that form one JetStream cluster.
import { freePort } from './free-port';
import { startNats, type NatsOptions, type NatsServer } from './server-nats';

/** What makes so many servers a cluster; each starts again with the same options. Clients learn of none but theirs. */
export async function natsClusterOptions(servers: number): Promise<readonly NatsOptions[]> {
  const routes = await Promise.all(Array.from({ length: servers }, freePort));
  const to = routes.map((port) => `nats://127.0.0.1:${port}`).join(',');
  return routes.map((port, place) => ({
    name: `nats-${place + 1}`,
    args: [
      '--cluster_name',
      'test',
      '--cluster',
      `nats://127.0.0.1:${port}`,
      '--no_advertise',
      '--routes',
      to,
    ],
  }));
}

/** @returns when each of them answers; their leader may still be chosen */
export async function startNatsCluster(servers: number): Promise<readonly NatsServer[]> {
  return Promise.all((await natsClusterOptions(servers)).map(startNats));
}
