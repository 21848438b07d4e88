// `npm run bench`: how fast it is, beside a plain monolith and with everything embedded. Ends with 0, with 1 if the books
// were wrong after any measurement, and with 2 for misuse.
import { Command, Option } from 'commander';
import { writeFileSync } from 'node:fs';
import { printJson, printLine, tableOf } from '../../bin/cli/print';
import { whole } from '../helpers/whole-option';
import { chartOf } from './chart';
import { Ground } from './ground';
import { measure, type Measurement, type Plan } from './measure';
import { lineOf, longLinesOf, summarise, tableRows } from './report';
import { LONG_ROWS, ROWS, SYSTEMS, type System } from './rows';

interface Flags {
  readonly workloads: readonly string[];
  readonly systems: readonly System[];
  readonly seconds: number;
  readonly warmup: number;
  readonly rounds: number;
  readonly rate?: number;
  readonly history?: number;
  readonly svg?: string;
  readonly json?: true;
}

const ALL_ROWS = [...ROWS, ...LONG_ROWS];
const NAMES = ROWS.map(({ name }) => name);
const ALL_NAMES = ALL_ROWS.map(({ name }) => name);
const program = new Command('bench')
  .description(
    'Measures orders and callbacks a second, their times and their CPU time, and audits the books.',
  )
  .addOption(new Option('--workloads <names...>', 'which of them').choices(ALL_NAMES).default(NAMES))
  .addOption(new Option('--systems <names...>', 'which of them').choices(SYSTEMS).default(SYSTEMS))
  .option('--seconds <number>', 'how long each measurement takes', whole(1), 8)
  .option('--warmup <number>', 'seconds under load before it', whole(0), 10)
  .option('--rounds <number>', 'how often each is measured, in turn with the others', whole(1), 3)
  .option('--rate <number>', 'requests a second at even times, instead of as many as are answered', whole(1))
  .option('--history <number>', 'paid orders that are there before, with ten ledger rows each', whole(0))
  .option('--svg <file>', 'draw a bar chart')
  .option('--json', 'print all figures as one JSON document')
  .exitOverride()
  .showHelpAfterError();

function readFlags(): Flags {
  try {
    return program.parse().opts<Flags>();
  } catch (error) {
    process.exit((error as { exitCode?: number }).exitCode === 0 ? 0 : 2);
  }
}

/** Systems take turns, so that a machine that slows down slows down all of them. */
async function measureAll(flags: Flags, ground: Ground, say: (line: string) => void): Promise<Measurement[]> {
  const plan: Plan = {
    warmupSeconds: flags.warmup,
    seconds: flags.seconds,
    rate: flags.rate,
    history: flags.history,
  };
  const measured: Measurement[] = [];
  for (const row of ALL_ROWS.filter(({ name }) => flags.workloads.includes(name))) {
    for (let round = 1; round <= flags.rounds; round += 1) {
      for (const system of row.systems.filter((one) => flags.systems.includes(one))) {
        const one = await measure(system, row, ground, plan);
        measured.push(one);
        say(`${row.name}, round ${round}, ${system}: ${lineOf(one)}`);
        for (const line of [...longLinesOf(one), ...one.broken]) say(`  ${line}`);
      }
    }
  }
  return measured;
}

async function run(flags: Flags): Promise<number> {
  const ground = new Ground();
  try {
    // Whoever reads the document must find nothing else there.
    const say = flags.json ? (line: string) => void process.stderr.write(`${line}\n`) : printLine;
    const measured = await measureAll(flags, ground, say);
    const summaries = summarise(measured);
    if (flags.svg !== undefined) writeFileSync(flags.svg, chartOf('Orders or callbacks a second', summaries));
    if (flags.json) printJson({ flags, summaries, measured });
    else printLine(tableOf(tableRows(summaries)));
    return measured.every(({ broken }) => broken.length === 0) ? 0 : 1;
  } finally {
    await ground.close();
  }
}

// The guardians of nodes and servers end them.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));
void run(readFlags()).then(
  (code) => process.exit(code),
  (error: unknown) => {
    process.stderr.write(`${String(error)}\n`);
    process.exit(1);
  },
);
