// What happens to the shop's nodes, database, broker, platform and network, drawn from the seed, and how each ends.
import { KINDS } from '../../../actors/domain/envelope';
import type { Chance } from '../../../bin/load/seeded';
import { CALM } from './network';
import type { ShopNode } from './node';
import type { World } from './world';

export interface PlannedFault {
  readonly fault: Fault;
  readonly atMs: number;
  readonly forMs: number;
}

/** What ends a fault. */
type End = () => void;

const nothing = (): void => undefined;

/** What happens around the nodes. */
const AROUND = {
  'database is restarted': ({ database }) => {
    database.stop();
    return () => (database.isUp = true);
  },
  'broker is restarted': ({ broker }) => {
    broker.goDown();
    return () => broker.comeUp();
  },
  'broker loses power': ({ broker, streams, time }, chance) => {
    streams.forgetSince(time.nowMs - chance.whole(0, 3_000));
    broker.goDown();
    return () => broker.comeUp();
  },
  'streams are lost': ({ broker }) => {
    broker.loseStreams();
    return nothing;
  },
  'streams are purged': ({ streams }) => {
    streams.purge();
    return nothing;
  },
  'platform is away': ({ platform }) => {
    platform.isUp = false;
    return () => (platform.isUp = true);
  },
  'weather is bad': ({ network }, chance) => {
    network.weather = {
      loss: chance.whole(0, 10) / 100,
      double: chance.whole(0, 15) / 100,
      usualMs: chance.whole(2, 60),
      late: chance.whole(0, 10) / 100,
      lateMs: chance.whole(200, 3_500),
    };
    return () => (network.weather = CALM);
  },
} as const satisfies Record<string, (world: World, chance: Chance) => End>;

/** What happens to one node. */
const AT_A_NODE = {
  'node dies': ({ process }) => {
    process.die();
    return nothing;
  },
  'node dies between two steps': ({ process }, chance) => {
    process.dieAfter(chance.whole(0, 60));
    return nothing;
  },
  'node hangs': ({ process }, chance) => {
    process.hang();
    return () => process.wake(chance.of(0.5) ? 'timers' : 'sockets');
  },
  'node is restarted': (node) => {
    void node.stop();
    return nothing;
  },
  'connection is dropped': ({ member }, chance) => {
    member.connections.get(chance.pick(KINDS))?.drop();
    return nothing;
  },
  'backend is ended': ({ member }, chance, { database }) => {
    const backend = member.connections.get(chance.pick(KINDS))?.backend;
    if (backend) database.end(backend);
    return nothing;
  },
  'node is cut off from the database': (node) => {
    node.process.reaches.database = false;
    return () => node.reconnectDatabase();
  },
  'node is cut off from the broker': ({ transport }) => {
    transport.cutOff();
    return () => transport.mended();
  },
} as const satisfies Record<string, (node: ShopNode, chance: Chance, world: World) => End>;

type FaultAround = keyof typeof AROUND;
type FaultAtANode = keyof typeof AT_A_NODE;
export type Fault = FaultAround | FaultAtANode;

export const FAULTS = [...Object.keys(AT_A_NODE), ...Object.keys(AROUND)] as readonly Fault[];

const isAround = (fault: Fault): fault is FaultAround => Object.hasOwn(AROUND, fault);

/** @param withinMs in which they begin */
export function planFaults(chance: Chance, count: number, withinMs: number): PlannedFault[] {
  return Array.from({ length: count }, () => ({
    fault: chance.pick(FAULTS),
    atMs: chance.whole(0, withinMs),
    forMs: chance.of(0.5) ? chance.whole(1, 1_500) : chance.whole(1_500, 9_000),
  })).sort((one, other) => one.atMs - other.atMs);
}

/** Does it, to a node that lives if it is done to a node. @returns what ends it */
export function strike(world: World, { fault }: PlannedFault, chance: Chance): End {
  if (isAround(fault)) return AROUND[fault](world, chance);
  const living = world.living();
  return living.length === 0 ? nothing : AT_A_NODE[fault](chance.pick(living), chance, world);
}
