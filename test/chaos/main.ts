// `npm run chaos`: one run of chaos from the command line. Ends with 0 if all was kept, 1 if something is broken, with
// a line that names the seed for each, and 2 for misuse.
import { Command, Option } from 'commander';
import { randomInt } from 'node:crypto';
import { whole } from '../helpers/whole-option';
import { runChaos, type ChaosReport } from './run';

const write = (line: string): void => void process.stdout.write(`${line}\n`);

const program = new Command('chaos')
  .description('Runs a real cluster under load and faults, and looks for anything untrue, lost or doubled.')
  .option('--seed <number>', 'what the faults and wishes are drawn from (any, and told)', whole(0))
  .option('--seconds <number>', 'how long faults happen', whole(2), 60)
  .option('--nodes <number>', 'how many', whole(1), 3)
  .addOption(
    new Option('--nats-servers <number>', 'one, or a cluster of three').choices(['1', '3']).default('1'),
  )
  .option('--customers <number>', 'how many at once', whole(1), 16)
  .option('--every <milliseconds>', 'from one fault to the next, on average', whole(100), 2_500)
  .exitOverride()
  .showHelpAfterError();

interface Flags {
  readonly seed?: number;
  readonly seconds: number;
  readonly nodes: number;
  readonly natsServers: '1' | '3';
  readonly customers: number;
  readonly every: number;
}

function readFlags(): Flags {
  try {
    return program.parse().opts<Flags>();
  } catch (error) {
    process.exit((error as { exitCode?: number }).exitCode === 0 ? 0 : 2);
  }
}

const countsOf = (counts: Readonly<Record<string, number>>): string =>
  Object.entries(counts)
    .map(([name, count]) => `${count} ${name}`)
    .join(', ');

function tell(report: ChaosReport): void {
  const { seed, broken, faults, others, redriven } = report;
  write(`faults: ${countsOf(faults)}`);
  write(
    `${report.orders} orders, ${report.confirmed} of them confirmed; ${report.payments} payments with ` +
      `${report.transactions} transactions, ${report.refunds} sent back; ${redriven} dead letters re-driven`,
  );
  const noAnswers = Object.keys(others).length > 0 ? ` (and ${countsOf(others)})` : '';
  write(`${report.answers} answers${noAnswers}; ${report.promises} promises`);
  for (const line of broken) write(`seed ${seed}: ${line}`);
  write(broken.length === 0 ? `seed ${seed}: clean` : `seed ${seed}: ${broken.length} broken`);
}

async function run({ seed = randomInt(2 ** 31), natsServers, every, ...flags }: Flags): Promise<number> {
  const over = new AbortController();
  const onSignal = (signal: NodeJS.Signals): void => {
    // The guardians of nodes and servers end them.
    if (over.signal.aborted) process.exit(signal === 'SIGINT' ? 130 : 143);
    write('stopping; a second signal stops at once');
    over.abort();
  };
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal);
  const options = { ...flags, seed, natsServers: natsServers === '3' ? 3 : 1, everyMs: every } as const;
  write(
    `chaos with --seed ${seed} --seconds ${flags.seconds} --nodes ${flags.nodes} --nats-servers ${natsServers}`,
  );
  try {
    const report = await runChaos(options, write, over.signal);
    tell(report);
    return report.broken.length === 0 ? 0 : 1;
  } catch (error) {
    if (!over.signal.aborted) write(`seed ${seed}: ${String(error)}`);
    return over.signal.aborted ? 130 : 1;
  }
}

void run(readFlags()).then((code) => process.exit(code));
