// One run of chaos: a real cluster, customers who misbehave, a payment platform that does, faults drawn from the seed,
// and a verdict. Whatever happens, nothing is left running.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { feed } from '../../bin/load/feed';
import { Cluster } from '../reliability/cluster';
import { nameOf } from './acts';
import { echo } from './echo';
import { Saboteur } from './saboteur';
import { scheduleOf, type ScheduleOptions } from './schedule';
import { unrulyWishes } from './unruly';
import { judge, type Verdict } from './verdict';

export interface ChaosOptions extends ScheduleOptions {
  readonly natsServers: 1 | 3;
  /** At once. */
  readonly customers: number;
}

export interface ChaosReport extends Verdict {
  readonly seed: number;
  readonly seconds: number;
  readonly faults: Readonly<Record<string, number>>;
  readonly answers: number;
  /** What was no true answer. */
  readonly others: Readonly<Record<string, number>>;
  readonly promises: number;
}

/** Orders expire while customers are still paying them. */
const EXPIRES_AFTER = '6s';
const REPEAT_AFTER_MS = [0, 300, 1_000, 2_000];
const SCARCE_KINDS = 3;
const SCARCE_STOCK = 25;
const SAY_EVERY_MS = 5_000;

/**
 * @param say hears each fault as it happens, and how the customers fare
 * @param signal breaks it off
 * @throws Error if the cluster does not come up, or if it was broken off
 */
export async function runChaos(
  options: ChaosOptions,
  say: (line: string) => void,
  signal: AbortSignal = new AbortController().signal,
): Promise<ChaosReport> {
  const { seed, seconds, nodes, natsServers } = options;
  const cluster = await Cluster.start({
    nodes,
    natsServers,
    wired: true,
    settings: ['fsync=on'],
    repeatAfterMs: REPEAT_AFTER_MS,
    env: { ORDER_EXPIRES_AFTER: EXPIRES_AFTER },
  });
  try {
    signal.throwIfAborted();
    const lines = Array.from({ length: SCARCE_KINDS }, () => cluster.shop.createGoods('30.00', SCARCE_STOCK));
    const scarce = (await Promise.all(lines)).map(({ goodsId, goodsPrice: price }) => ({ goodsId, price }));
    const customers = await cluster.customers(seed, {}, unrulyWishes(scarce));
    const saboteur = new Saboteur(cluster, clocked(say));
    await underFire(cluster, customers, saboteur, options, say, signal);
    signal.throwIfAborted();
    say('all is mended; waiting until everything has ended');
    const { tally, promises } = customers;
    const verdict = await judge(cluster, customers);
    const broken = [...saboteur.accusations, ...verdict.broken];
    return {
      ...verdict,
      broken,
      seed,
      seconds,
      faults: saboteur.done,
      answers: tally.answers,
      others: tally.otherResults(),
      promises: promises.count,
    };
  } finally {
    say(`the nodes' logs are in ${keepLogs(cluster, seed)}`);
    await cluster.stop();
  }
}

/** Customers come, and callbacks are repeated, from before the first fault until the last one is mended. */
async function underFire(
  cluster: Cluster,
  customers: Awaited<ReturnType<Cluster['customers']>>,
  saboteur: Saboteur,
  options: ChaosOptions,
  say: (line: string) => void,
  signal: AbortSignal,
): Promise<void> {
  const over = new AbortController();
  const { tally, promises } = customers;
  const telling = setInterval(() => {
    const others = Object.entries(tally.otherResults()).map(([result, count]) => `, ${count} ${result}`);
    say(`${tally.answers} answers${others.join('')}, ${promises.count} promises`);
  }, SAY_EVERY_MS);
  const busy = [
    feed(customers, { customers: options.customers, signal: over.signal }),
    echo(cluster, options.seed, promises, over.signal),
  ];
  try {
    await saboteur.carryOut(scheduleOf(options), signal);
  } finally {
    over.abort();
    await Promise.all(busy);
    clearInterval(telling);
  }
}

/** @returns the folder */
function keepLogs({ nodes }: Cluster, seed: number): string {
  const folder = resolve('.cache', 'chaos', `seed-${seed}`);
  mkdirSync(folder, { recursive: true });
  for (const node of nodes) writeFileSync(join(folder, `${nameOf(node)}.log`), node.logs());
  return folder;
}

/** @returns what says a line with the seconds since now */
function clocked(say: (line: string) => void): (line: string) => void {
  const beganMs = performance.now();
  return (line) => say(`${((performance.now() - beganMs) / 1_000).toFixed(1).padStart(6)} s  ${line}`);
}
