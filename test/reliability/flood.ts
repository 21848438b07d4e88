// Ten times the demand that the nodes can meet, for a while: they say 'busy' to most, the truth to all, do not grow
// without bound, and are as before soon after it.
import { setTimeout as pause } from 'node:timers/promises';
import { feed } from '../../bin/load/feed';
import type { Times } from '../../bin/load/tally';
import type { Cluster, ClusterOptions } from './cluster';
import { afterDisturbance, median } from './figures';
import { expectAllKept } from './under-load';

/**
 * Nodes that can do so little that ten times as much is still little for this machine: each has few requests under
 * way, and each commit takes long.
 */
export const SMALL: ClusterOptions = {
  nodes: 2,
  env: { MAX_IN_FLIGHT: '8' },
  settings: ['fsync=on', 'commit_delay=50000', 'commit_siblings=0'],
};

export interface FloodOptions {
  readonly seed: number;
  /** The demand before and after it. */
  readonly calmMs: number;
  readonly floodMs: number;
}

export interface Flooded {
  /** True answers a second before it, to as many customers as the nodes may serve at once. */
  readonly answersPerSecond: number;
  readonly floodedRequestsPerSecond: number;
  readonly trueAnswersPerSecondDuring: number;
  readonly othersDuring: Readonly<Record<string, number>>;
  readonly timesDuring: Readonly<Record<string, Times>>;
  readonly residentMbBefore: number;
  readonly residentMbMost: number;
  readonly backAfterSeconds: number | undefined;
}

const TIMES_AS_MUCH = 10;
const STEADY_CUSTOMERS = 16;
/** So many may wait for an answer at once; a busy answer comes at once. */
const FLOOD_CUSTOMERS = 1_000;
const SAMPLE_MS = 250;

/** @throws Error if a promise is broken, the books are not clean or an order has not ended */
export async function floodUnderLoad(cluster: Cluster, options: FloodOptions): Promise<Flooded> {
  const steady = await cluster.customers(options.seed);
  const over = new AbortController();
  const fed = feed(steady, { customers: STEADY_CUSTOMERS, signal: over.signal });
  const memory = await watchMemory(cluster);
  const flooded = async () => {
    await pause(options.calmMs);
    steady.tally.advance(performance.now());
    const capacity = median(steady.tally.seconds.slice(1).map(({ answers }) => answers));
    const flooding = await cluster.customers(options.seed + 1, { retriesBusy: false });
    const signal = AbortSignal.timeout(options.floodMs);
    const rate = TIMES_AS_MUCH * capacity;
    const missed = await feed(flooding, { customers: FLOOD_CUSTOMERS, rate, signal });
    const endMs = performance.now();
    await pause(options.calmMs);
    return { capacity, flooding, missed, endMs };
  };
  const { capacity, flooding, missed, endMs } = await flooded().finally(async () => {
    over.abort();
    await fed;
  });
  const mostMb = await memory.stop();
  steady.tally.advance(performance.now());
  flooding.tally.advance(performance.now());
  await expectAllKept(cluster, steady);
  await expectAllKept(cluster, flooding);

  const seconds = options.floodMs / 1_000;
  const others = flooding.tally.otherResults();
  const busy = Object.values(others).reduce((sum, count) => sum + count, 0);
  const back = afterDisturbance({ what: 'the end of the flood', atMs: endMs }, steady.tally, Infinity);
  return {
    answersPerSecond: capacity,
    floodedRequestsPerSecond: Math.round((flooding.tally.answers + busy + missed) / seconds),
    trueAnswersPerSecondDuring: Math.round(flooding.tally.answers / seconds),
    othersDuring: others,
    timesDuring: flooding.tally.times(),
    residentMbBefore: memory.firstMb,
    residentMbMost: mostMb,
    backAfterSeconds: back.backAfterSeconds,
  };
}

async function watchMemory(cluster: Cluster) {
  const firstMb = await residentMb(cluster);
  const over = new AbortController();
  let mostMb = firstMb;
  const watch = async (): Promise<void> => {
    while (!over.signal.aborted) {
      await pause(SAMPLE_MS);
      mostMb = Math.max(mostMb, await residentMb(cluster));
    }
  };
  const watching = watch();
  return {
    firstMb,
    /** @returns the most that was seen */
    stop: async () => {
      over.abort();
      await watching;
      return mostMb;
    },
  };
}

/** The largest of the nodes. */
async function residentMb(cluster: Cluster): Promise<number> {
  const sizes = await Promise.all(
    cluster.nodes.map(async ({ url }) => {
      const metrics = await (await fetch(new URL('/metrics', url))).text();
      return Number(/^process_resident_memory_bytes (\S+)$/m.exec(metrics)?.[1]);
    }),
  );
  return Math.round(Math.max(...sizes) / 2 ** 20);
}
