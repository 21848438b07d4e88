// How each fault is carried out on a real cluster, and mended when its time is over.
import { connect } from 'nats';
import { setTimeout as pause } from 'node:timers/promises';
import { STREAMS } from '../../actors/domain/events';
import type { TestNode } from '../helpers/node';
import type { Cluster } from '../reliability/cluster';
import type { LastingServer } from '../reliability/lasting-servers';
import type { Wires } from '../reliability/wires';
import type { Fault } from './faults';
import type { PlannedFault } from './schedule';

export interface Scene {
  readonly cluster: Cluster;
  readonly planned: PlannedFault;
  /** Waits as long as the fault lasts, or until all is broken off. */
  readonly lasts: () => Promise<void>;
  /** What no fault excuses. */
  readonly accuse: (what: string) => void;
}

type Act = (scene: Scene) => Promise<void>;

const COMES_BACK_MS = 90_000;
const TRY_AGAIN_MS = 200;
const DELETE_MS = 2_000;

const nodesOf = ({ cluster, planned }: Scene): readonly TestNode[] =>
  planned.whom.map((place) => cluster.node(place));

const wiresOf = ({ cluster, planned }: Scene): readonly Wires[] =>
  cluster.wires.filter((_, place) => planned.whom.includes(place));

const killNodes: Act = async (scene) => {
  const nodes = nodesOf(scene);
  await Promise.all(nodes.map((node) => node.kill()));
  await scene.lasts();
  await Promise.all(nodes.map((node) => comeBack(node, scene)));
};

const restartNode: Act = async (scene) => {
  for (const node of nodesOf(scene)) {
    await node.stop('SIGTERM').catch((error: unknown) => scene.accuse(`${nameOf(node)}: ${String(error)}`));
    await comeBack(node, scene);
  }
};

const hangNode: Act = async (scene) => {
  const pids = nodesOf(scene).map((node) => node.pid());
  for (const pid of pids) process.kill(pid, 'SIGSTOP');
  try {
    await scene.lasts();
  } finally {
    for (const pid of pids) process.kill(pid, 'SIGCONT');
  }
};

const endConnections: Act = async (scene) => {
  for (const node of nodesOf(scene)) {
    const end = `select pg_terminate_backend(pid) from pg_stat_activity where application_name like $1`;
    // The server may be away, and then there is nothing to end.
    await scene.cluster.sql(end, [`trade ${nameOf(node)} %`]).catch(() => undefined);
  }
};

const onWires =
  (begin: (wires: Wires, delayMs: number) => void, end: (wires: Wires) => void): Act =>
  async (scene) => {
    const wires = wiresOf(scene);
    for (const one of wires) begin(one, scene.planned.delayMs);
    await scene.lasts();
    for (const one of wires) end(one);
  };

const all = ({ postgres, nats }: Wires) => [postgres, ...nats];

const cutOff = (which: (wires: Wires) => ReturnType<typeof all>): Act =>
  onWires(
    (wires) => which(wires).forEach((wire) => wire.cut()),
    (wires) => which(wires).forEach((wire) => wire.mend()),
  );

const onServers =
  (
    serversOf: (scene: Scene) => readonly LastingServer[],
    end: (server: LastingServer) => Promise<void>,
  ): Act =>
  async (scene) => {
    const servers = serversOf(scene);
    await Promise.all(servers.map(end));
    await scene.lasts();
    await Promise.all(servers.map((server) => server.start()));
  };

const postgresOf = ({ cluster }: Scene): readonly LastingServer[] => [cluster.postgres];
const natsOf = ({ cluster, planned }: Scene): readonly LastingServer[] =>
  cluster.nats.filter((_, place) => planned.whom.includes(place));

const deleteStreams: Act = async ({ cluster }) => {
  const servers = cluster.nats.map((server) => server.url);
  const connection = await connect({ servers, reconnect: false, timeout: DELETE_MS });
  try {
    const { streams } = await connection.jetstreamManager({ checkAPI: false, timeout: DELETE_MS });
    // One that is not there, or that the brokers do not agree on now, is lost already or stays.
    for (const stream of STREAMS) await streams.delete(stream).catch(() => undefined);
  } finally {
    await connection.close();
  }
};

export const ACTS: Readonly<Record<Fault, Act>> = {
  'kill a node': killNodes,
  'kill two nodes': killNodes,
  'kill all nodes': killNodes,
  'restart a node': restartNode,
  'hang a node': hangNode,
  'hang a node briefly': hangNode,
  'end the connections of a node': endConnections,
  'reset the network of a node': onWires(
    (wires) => all(wires).forEach((wire) => wire.reset()),
    () => undefined,
  ),
  'slow down the network of a node': onWires(
    (wires, delayMs) => all(wires).forEach((wire) => wire.delay(delayMs)),
    (wires) => all(wires).forEach((wire) => wire.delay(0)),
  ),
  'cut a node off': cutOff(all),
  'cut a node off from PostgreSQL': cutOff(({ postgres }) => [postgres]),
  'cut a node off from NATS': cutOff(({ nats }) => [...nats]),
  'restart PostgreSQL': onServers(postgresOf, (server) => server.halt()),
  'kill PostgreSQL': onServers(postgresOf, (server) => server.kill()),
  'restart NATS': onServers(natsOf, (server) => server.halt()),
  'kill NATS': onServers(natsOf, (server) => server.kill()),
  'lose the disk of NATS': onServers(natsOf, async (server) => {
    await server.kill();
    server.loseDisk();
  }),
  'delete the streams': deleteStreams,
};

export const nameOf = (node: TestNode): string => node.env['NODE_NAME'] ?? '';

/** A node may not find its servers when it starts; whoever watches it starts it again. */
async function comeBack(node: TestNode, { accuse }: Scene): Promise<void> {
  const deadline = performance.now() + COMES_BACK_MS;
  for (;;) {
    try {
      await node.restart();
      return;
    } catch (error) {
      if (performance.now() < deadline) await pause(TRY_AGAIN_MS);
      else {
        accuse(`${nameOf(node)} does not come back: ${String(error)}`);
        return;
      }
    }
  }
}
