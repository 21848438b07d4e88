// Simulates the shop for many seeds, on all cores, and prints what was broken under which seed.
import { Command } from 'commander';
import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { isMainThread, parentPort, Worker } from 'node:worker_threads';
import { whole } from '../helpers/whole-option';
import { runSeed, type Run } from './shop/run';

interface Options {
  readonly seeds: number;
  readonly from: number;
  readonly jobs: number;
  readonly first?: true;
}

const PROGRESS_EVERY_MS = 5_000;
/** A node that dies stops nothing, so nact keeps its actor system by name, and with it all that the run has made. */
const SEEDS_OF_A_WORKER = 500;
/** Room for young objects, so that few of them are moved before they die. */
const YOUNG = { maxYoungGenerationSizeMb: 96 };

async function simulate({ seeds, from, jobs, first }: Options): Promise<void> {
  const started = performance.now();
  const failed: Run[] = [];
  const totals = { runs: 0, orders: 0, payments: 0, faults: 0, simulatedMs: 0 };
  const progress = setInterval(() => {
    console.log(`${totals.runs} of ${seeds} seeds, ${failed.length} broken`);
  }, PROGRESS_EVERY_MS);
  let next = from;
  const ended = (run: Run): void => {
    totals.runs += 1;
    totals.orders += run.figures.orders;
    totals.payments += run.figures.payments;
    totals.faults += run.figures.faults.length;
    totals.simulatedMs += run.figures.simulatedMs;
    if (run.broken.length === 0) return;
    failed.push(run);
    for (const line of run.broken) console.log(`seed ${run.seed}: ${line}`);
  };
  const isOver = (): boolean => next >= from + seeds || (first === true && failed.length > 0);
  await Promise.all(
    Array.from({ length: Math.min(jobs, seeds) }, async () => {
      while (!isOver()) {
        const worker = new Worker(__filename, { resourceLimits: YOUNG });
        try {
          for (let run = 0; run < SEEDS_OF_A_WORKER && !isOver(); run += 1) {
            const seed = next;
            next += 1;
            ended(await ask(worker, seed));
          }
        } finally {
          await worker.terminate();
        }
      }
    }),
  );
  clearInterval(progress);
  const seconds = (performance.now() - started) / 1_000;
  const hours = (totals.simulatedMs / 3_600_000).toFixed(1);
  console.log(
    `${failed.length === 0 ? 'clean' : `${failed.length} broken`}: ${totals.runs} seeds in ${seconds.toFixed(1)} s, ` +
      `${totals.orders} orders, ${totals.payments} payments, ${totals.faults} faults, ${hours} simulated hours`,
  );
  process.exitCode = failed.length === 0 ? 0 : 1;
}

/** @throws Error if the seed's run ends without a verdict */
async function ask(worker: Worker, seed: number): Promise<Run> {
  const answer = once(worker, 'message');
  worker.postMessage(seed);
  const [run] = (await answer) as [Run];
  return run;
}

if (isMainThread) {
  const program = new Command('simulate')
    .description(
      'Runs the shop in simulated time, with faults drawn from each seed, and judges what became of it.',
    )
    .option('--seeds <count>', 'how many seeds', whole(1), 100)
    .option('--from <seed>', 'the first of them', whole(1), 1)
    .option('--jobs <count>', 'how many at once', whole(1), availableParallelism())
    .option('--first', 'stop at the first that is broken');
  void simulate(program.parse().opts<Options>());
} else {
  parentPort?.on('message', (seed: number) => {
    void runSeed(seed).then((run) => parentPort?.postMessage(run));
  });
}
