// npm run fuzz -- --inputs 100000 --seed 1: hostile input by every way into a node of its own. Ends with 0 if nothing was found.
import { Command } from 'commander';
import setUp from '../helpers/global-setup';
import tearDown from '../helpers/global-teardown';
import { whole } from '../helpers/whole-option';
import { fuzz } from './fuzz';

interface Flags {
  readonly inputs: number;
  readonly seed: number;
  readonly concurrency: number;
  readonly only?: string;
  readonly embedded?: true;
}

const print = (line: string): void => void process.stdout.write(`${line}\n`);

async function run({ embedded, ...flags }: Flags): Promise<void> {
  print(`seed ${flags.seed}`);
  await setUp();
  try {
    const { findings, sent, seconds, worstHealthMs } = await fuzz({
      ...flags,
      real: !embedded,
      onProgress: print,
    });
    for (const [way, count] of [...sent].sort()) print(`${String(count).padStart(7)}  ${way}`);
    const total = [...sent.values()].reduce((sum, count) => sum + count, 0);
    print(
      `${total} inputs in ${Math.round(seconds)} s; /healthz took ${Math.round(worstHealthMs)} ms at worst`,
    );
    for (const finding of findings) print(`seed ${flags.seed}: ${finding}`);
    print(findings.length === 0 ? 'clean' : `${findings.length} findings`);
    process.exitCode = findings.length === 0 ? 0 : 1;
  } finally {
    await tearDown();
  }
}

new Command('fuzz')
  .option('--inputs <number>', 'how many inputs', whole(0), 100_000)
  .option('--seed <number>', 'the same seed makes the same inputs', whole(0), Date.now() % 1_000_000)
  .option('--concurrency <number>', 'how many at a time', whole(0), 64)
  .option('--only <text>', 'only the ways in whose names hold this')
  .option('--embedded', 'a node without servers: HTTP only')
  .action(run)
  .parseAsync()
  .catch((error: unknown) => {
    process.stderr.write(`${String(error)}\n`);
    process.exitCode = 2;
  });
