// Nodes as a user starts them: on servers of their own, or one alone with everything embedded.
import { NODE_FLAGS } from '../../bin/node-flags';
import { startTestNode, type Environment, type TestNode } from '../helpers/node';
import { startNats } from '../helpers/servers';
import { Shop } from '../helpers/shop';
import { until } from '../helpers/until';
import type { Ground } from './ground';
import type { Subject } from './subject';

const SETTLES_MS = 300_000;

/** @param databaseUrl undefined: embedded, and then there is one node */
export async function startNodes(
  ground: Ground,
  count: number,
  databaseUrl: string | undefined,
): Promise<Subject> {
  const nats = databaseUrl === undefined ? undefined : await startNats();
  const nodes: TestNode[] = [];
  const stop = async (): Promise<void> => {
    const leaving = nodes.splice(0);
    await Promise.all(leaving.map((node) => node.stop())).finally(async () => {
      await Promise.all(leaving.map((node) => node.remove()));
      await nats?.stop();
    });
  };
  const servers: Environment =
    databaseUrl === undefined || !nats ? {} : { DATABASE_URL: databaseUrl, NATS_URL: nats.url };
  // Nobody pays for the orders of a load, and none is to expire while a long one goes on.
  const ORDER_EXPIRES_AFTER = '24h';
  const started: Environment = { ...servers, ORDER_EXPIRES_AFTER, NODE_OPTIONS: NODE_FLAGS.join(' ') };
  try {
    for (let number = 1; number <= count; number += 1) {
      const [first] = nodes;
      const platform: Environment = first ? { SANDBOX_URL: first.sandboxUrl, SANDBOX_PORT: '0' } : {};
      const { dataDir: DATA_DIR } = ground;
      nodes.push(await startTestNode({ ...started, ...platform, DATA_DIR, NODE_NAME: `node-${number}` }));
    }
  } catch (error) {
    await stop();
    throw error;
  }
  const shops = nodes.map((node) => new Shop(node));
  const application = nodes.map((node) => node.pid());
  const postgres = databaseUrl === undefined ? undefined : (await ground.postgres()).pid;
  return {
    ports: nodes.map((node) => Number(node.env['PORT'])),
    application,
    processes: {
      node: application,
      ...(postgres === undefined ? {} : { PostgreSQL: [postgres] }),
      ...(nats ? { 'nats-server': [nats.pid] } : {}),
    },
    settle: () => until('the events to be consumed', () => isAtRest(shops), SETTLES_MS),
    stop,
  };
}

/** All nodes share the books, so one of them knows. */
async function isAtRest([shop]: readonly Shop[]): Promise<boolean> {
  const reply = await shop?.admin('GET', '/outbox');
  return reply?.success === true && reply.data['unsent'] === 0 && reply.data['sent'] === 0;
}
