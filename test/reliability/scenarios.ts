// What happens to nodes while customers come. The durations are parameters: short ones for every test run, long ones
// for the figures of docs/RELIABILITY.md.
import { setTimeout as pause } from 'node:timers/promises';
import type { Cluster } from './cluster';
import { underLoad, type Loaded, type LoadOptions } from './under-load';

export interface Rounds extends LoadOptions {
  readonly rounds: number;
  /** From one disturbance to the next. */
  readonly everyMs: number;
  /** How long a node is dead or hung. */
  readonly forMs: number;
}

/** kill -9 of one node after the other; each is started again. */
export const killUnderLoad = (cluster: Cluster, options: Rounds): Promise<Loaded> =>
  roundsUnderLoad(cluster, options, 'kill -9', async (place) => {
    const node = cluster.node(place);
    await node.kill();
    await pause(options.forMs);
    await node.restart();
  });

/** SIGSTOP of one node after the other, and SIGCONT: a node that believes that no time has passed. */
export const hangUnderLoad = (cluster: Cluster, options: Rounds): Promise<Loaded> =>
  roundsUnderLoad(cluster, options, 'SIGSTOP', async (place) => {
    const pid = cluster.node(place).pid();
    process.kill(pid, 'SIGSTOP');
    try {
      await pause(options.forMs);
    } finally {
      process.kill(pid, 'SIGCONT');
    }
  });

/** Every node is stopped and started again, one after the other, as for a new version. */
export const rollingRestart = (cluster: Cluster, options: LoadOptions): Promise<Loaded> =>
  underLoad(cluster, options, async (tell) => {
    for (const node of cluster.nodes) {
      tell(`restart of ${node.env['NODE_NAME']}`);
      await node.restart();
    }
  });

function roundsUnderLoad(
  cluster: Cluster,
  options: Rounds,
  what: string,
  round: (place: number) => Promise<void>,
): Promise<Loaded> {
  return underLoad(cluster, options, async (tell) => {
    for (let place = 0; place < options.rounds; place += 1) {
      const next = performance.now() + options.everyMs;
      tell(`${what} of ${cluster.node(place).env['NODE_NAME']}`);
      await round(place);
      await pause(Math.max(0, next - performance.now()));
    }
  });
}
