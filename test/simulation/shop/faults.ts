// What happens to the shop's nodes, database, broker, platform and network, drawn from the seed, and how each ends.
import { KINDS } from '../../../actors/domain/envelope';
import type { Chance } from '../../../bin/load/seeded';
import { CALM } from './network';
import type { ShopNode } from './node';
import type { World } from './world';

export const FAULTS = [
  'node dies',
  'node dies between two steps',
  'node hangs',
  'node is restarted',
  'connection is dropped',
  'backend is ended',
  'node is cut off from the database',
  'node is cut off from the broker',
  'database is restarted',
  'broker is restarted',
  'broker loses power',
  'streams are lost',
  'platform is away',
  'weather is bad',
] as const;
export type Fault = (typeof FAULTS)[number];

export interface PlannedFault {
  readonly fault: Fault;
  readonly atMs: number;
  readonly forMs: number;
}

/** @param withinMs in which they begin */
export function planFaults(chance: Chance, count: number, withinMs: number): PlannedFault[] {
  return Array.from({ length: count }, () => ({
    fault: chance.pick(FAULTS),
    atMs: chance.whole(0, withinMs),
    forMs: chance.of(0.5) ? chance.whole(1, 1_500) : chance.whole(1_500, 9_000),
  })).sort((one, other) => one.atMs - other.atMs);
}

/** Does it. @returns what ends it */
export function strike(world: World, { fault }: PlannedFault, chance: Chance): () => void {
  const { broker, database, network, platform, streams, time } = world;
  const running = world.living();
  const nothing = (): void => undefined;
  const node = running.length > 0 ? chance.pick(running) : undefined;
  switch (fault) {
    case 'database is restarted':
      database.stop();
      return () => (database.isUp = true);
    case 'broker is restarted':
      broker.goDown();
      return () => broker.comeUp();
    case 'broker loses power':
      streams.forgetSince(time.nowMs - chance.whole(0, 3_000));
      broker.goDown();
      return () => broker.comeUp();
    case 'streams are lost':
      broker.loseStreams();
      return nothing;
    case 'platform is away':
      platform.isUp = false;
      return () => (platform.isUp = true);
    case 'weather is bad':
      network.weather = {
        loss: chance.whole(0, 10) / 100,
        double: chance.whole(0, 15) / 100,
        usualMs: chance.whole(2, 60),
        late: chance.whole(0, 10) / 100,
        lateMs: chance.whole(200, 3_500),
      };
      return () => (network.weather = CALM);
    default:
      return node ? strikeNode(world, node, fault, chance) : nothing;
  }
}

function strikeNode(world: World, node: ShopNode, fault: Fault, chance: Chance): () => void {
  const { process, member, transport } = node;
  const nothing = (): void => undefined;
  switch (fault) {
    case 'node dies':
      process.die();
      return nothing;
    case 'node dies between two steps':
      process.dieAfter(chance.whole(0, 60));
      return nothing;
    case 'node hangs':
      process.hang();
      return () => process.wake(chance.of(0.5) ? 'timers' : 'sockets');
    case 'node is restarted':
      void node.stop();
      return nothing;
    case 'connection is dropped':
      member.connections.get(chance.pick(KINDS))?.drop();
      return nothing;
    case 'backend is ended': {
      const backend = member.connections.get(chance.pick(KINDS))?.backend;
      if (backend) world.database.end(backend);
      return nothing;
    }
    case 'node is cut off from the database':
      process.reaches.database = false;
      return () => node.reconnectDatabase();
    case 'node is cut off from the broker':
      transport.cutOff();
      return () => transport.mended();
    default:
      return nothing;
  }
}
