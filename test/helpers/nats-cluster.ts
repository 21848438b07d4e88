// Several nats-servers that form one JetStream cluster.
import { freePort } from './free-port';
import { startNats, type NatsServer } from './server-nats';

/** @returns when each of them answers; their leader may still be chosen */
export async function startNatsCluster(servers: number): Promise<readonly NatsServer[]> {
  const routes = await Promise.all(Array.from({ length: servers }, freePort));
  const to = routes.map((port) => `nats://127.0.0.1:${port}`).join(',');
  return Promise.all(
    routes.map((port) =>
      startNats({
        args: ['--cluster_name', 'test', '--cluster', `nats://127.0.0.1:${port}`, '--routes', to],
      }),
    ),
  );
}
