// `bin/cluster`: n nodes on this machine, against given servers or ones of their own, until Ctrl-C. Ends with 0, 1 if
// it did not come up, 2 if the configuration is wrong.
import { Command } from 'commander';
import { clusterTables } from '../cli/cluster-tables';
import { flagsOf } from '../cli/flags';
import { createLogger } from '../cli/logger';
import { readClusterStatus } from '../cluster-status';
import { ConfigError, givenEnvironment, loadConfig } from '../config';
import { Cluster } from './cluster';
import { lineOf } from './kept-process';
import { readClusterSettings } from './settings';
import { sharedStatus } from './shared-status';

/** npm passes a signal on to us that the terminal has given us already: both are one. */
const SAME_SIGNAL_MS = 500;

const write = (text: string): void => void process.stdout.write(`${text}\n`);
const say = (line: string): void => write(`cluster: ${line}`);
// Whoever closes the terminal must not keep the nodes from handing over.
process.stdout.on('error', () => undefined);

const program = new Command('cluster')
  .description('Starts nodes on this machine, and the servers that they need, until Ctrl-C.')
  .option('--nodes <number>', 'how many', '3')
  .option(
    '--port <number>',
    'of the first node; the others and the sandbox take the free ones after it (PORT, 3000)',
  )
  .option('--data-dir <folder>', 'data, logs and secrets are kept there', '.data/cluster')
  .option('--database-url <url>', 'a PostgreSQL that runs already (DATABASE_URL); needs --nats-url')
  .option('--nats-url <urls>', 'NATS servers that run already, with commas between (NATS_URL)')
  .option('--nats-servers <number>', 'how many to start: 1, 3 or 5', '3')
  .option('--demo [0|1]', 'demo data, demo tokens and the sandbox platform (DEMO; 1 with servers of its own)')
  .option('--no-demo', 'none of them')
  .showHelpAfterError('Help: npm run cluster -- --help')
  .parse();

async function run(): Promise<number> {
  const settings = readClusterSettings(flagsOf(program), givenEnvironment());
  const cluster = new Cluster(settings, say);
  const began = performance.now();
  let stopping: Promise<void> | undefined;
  const signalled = new Promise<void>((resolve) => {
    let first = 0;
    const onSignal = (signal: NodeJS.Signals): void => {
      const now = performance.now();
      if (stopping !== undefined) {
        if (now - first < SAME_SIGNAL_MS) return;
        cluster.kill();
        process.exit(signal === 'SIGINT' ? 130 : 143);
      }
      first = now;
      say('stopping; a second signal kills at once');
      stopping = cluster.stop();
      resolve();
    };
    process.on('SIGINT', onSignal).on('SIGTERM', onSignal).on('SIGHUP', onSignal);
  });
  try {
    await cluster.start();
    say(`ready after ${((performance.now() - began) / 1_000).toFixed(1)} s`);
    await tellState(cluster, settings.dataDir);
  } catch (error) {
    // What a stop breaks off is no failure.
    if (stopping === undefined) {
      say(lineOf(error));
      await cluster.stop();
      return 1;
    }
  }
  // The children alone do not keep this process.
  const awake = setInterval(() => undefined, 60_000);
  await signalled;
  await stopping;
  clearInterval(awake);
  say('stopped');
  return 0;
}

async function tellState({ environment }: Cluster, dataDir: string): Promise<void> {
  const config = loadConfig({}, environment, { serving: false, envFile: '/dev/null' });
  const logger = createLogger('error', 2);
  write(clusterTables(await sharedStatus(() => readClusterStatus(config, logger))));
  const command = (name: string, more = ''): string =>
    `npm run trade -- cluster ${name} --data-dir ${dataDir}${more}`;
  say(`watch it: ${command('status', ' --watch')}`);
  say(`break it: ${command('break', ' --node node-1 --how kill')}`);
  say('Ctrl-C stops everything');
}

run().then(
  (code) => process.exit(code),
  (error: unknown) => {
    for (const line of lineOf(error).split('\n')) process.stderr.write(`cluster: ${line}\n`);
    process.exit(error instanceof ConfigError ? 2 : 1);
  },
);
