// One seed: a shop opens, customers come, faults strike, everything is mended, and all must come to a true end.
import { install } from '@sinonjs/fake-timers';
import { createHash } from 'node:crypto';
import { Compensation, OrderStatus } from '../../../actors/domain/order-state';
import { seeded } from '../../../bin/load/seeded';
import { isParked } from '../books/statements/inbox';
import { Customers } from './customers';
import { planFaults, strike } from './faults';
import { judge, unfinished } from './verdict';
import { World } from './world';

export interface Run {
  readonly seed: number;
  /** What is wrong; nothing is as it should be. */
  readonly broken: readonly string[];
  /** Of all that happened: the same seed has the same. */
  readonly fingerprint: string;
  readonly figures: Figures;
}

export interface Figures {
  readonly simulatedMs: number;
  readonly orders: number;
  readonly payments: number;
  readonly faults: readonly string[];
}

/** Until the first customers the nodes find each other. */
const OPENS_MS = 3_000;
/** A saga that was lost with its node is found after a minute, an event that the broker has lost after five. */
const SETTLES_MS = 500_000;
const LOOK_EVERY_MS = 500;

/** Runs a seed; nothing else may go on in this process meanwhile, for it has the clock. */
export async function runSeed(seed: number): Promise<Run> {
  const clock = install({
    now: 1_000_000,
    toFake: [
      'setImmediate',
      'clearImmediate',
      'setTimeout',
      'clearTimeout',
      'setInterval',
      'clearInterval',
      'Date',
      'performance',
    ],
  });
  try {
    return await play(seed, async (passedMs) => {
      await everyPromise();
      // A turn of the real event loop for each timer is most of what a tick takes: none is needed where none waits.
      if (clock.countTimers() > 0) await clock.tickAsync(passedMs);
      else clock.tick(passedMs);
    });
  } finally {
    clock.uninstall();
  }
}

/** What is to happen at the next tick of the process happens once no promise can go on. */
const everyPromise = (): Promise<void> => new Promise((resolve) => process.nextTick(resolve));

async function play(seed: number, settle: (passedMs: number) => Promise<void>): Promise<Run> {
  const world = new World(seed, settle);
  const chance = seeded(seed * 16 + 15);
  const fingerprint = createHash('sha1');
  world.network.onCarried = (at) => fingerprint.update(`${at} `);
  const customers = new Customers(world, seeded(seed * 16 + 14));
  const { time } = world;
  const nodes = chance.pick([1, 2, 2, 3]);
  for (let node = 1; node <= nodes; node += 1) world.keep(`node-${node}`);
  await time.pass(OPENS_MS);

  const withinMs = chance.whole(2_000, 10_000);
  customers.come(chance.whole(3, 16), withinMs);
  customers.lookAndFill(chance.whole(2, 12), withinMs + 5_000);
  const planned = planFaults(chance, chance.whole(0, 6), withinMs + 2_000);
  const ends: (() => void)[] = [];
  for (const fault of planned) {
    time.after(fault.atMs, () => {
      const end = strike(world, fault, chance);
      ends.push(end);
      time.after(fault.forMs, end);
    });
  }
  await time.pass(withinMs + 2_001);
  for (const end of ends) end();
  await settled(world, customers);
  const broken = judge(world, customers.told);
  fingerprint.update(world.history.toString()).update(JSON.stringify([...world.tables.orders]));
  return {
    seed,
    broken,
    fingerprint: fingerprint.digest('hex'),
    figures: {
      simulatedMs: time.nowMs,
      orders: [...world.tables.orders].length,
      payments: world.platform.payments.size,
      faults: planned.map(({ fault }) => fault),
    },
  };
}

/** Everybody has gone, and nothing is left to be done; what was given up is tried again by an operator. */
async function settled(world: World, customers: Customers): Promise<void> {
  for (let redriven = 0; redriven < 3; redriven += 1) {
    const end = world.time.nowMs + SETTLES_MS;
    while (world.time.nowMs < end && !isSettled(world, customers)) await world.time.pass(LOOK_EVERY_MS);
    if (!(await world.redrive())) return;
  }
}

function isSettled(world: World, customers: Customers): boolean {
  if (customers.present > 0 || !unfinished(world).next().done) return false;
  const { tables } = world;
  // What was given up waits for an operator; once he has had his way, a failed compensation ends well.
  const isGivenUp = tables.inbox.where(isParked).length > 0;
  for (const row of tables.orders) {
    const isHalfWay = row.order_status === OrderStatus.unconfirmed;
    if (isHalfWay || row.compensation_status === Compensation.running) return false;
    if (row.compensation_status === Compensation.failed && !isGivenUp) return false;
  }
  for (const row of tables.transactions) if (row.state !== 'booked' && row.state !== 'refunded') return false;
  return [...tables.outbox].length === 0;
}
