// `trade cluster status|break|feed`: how the nodes share the work, and what becomes of it when one dies.
import { Option, type Command } from 'commander';
import { setTimeout as pause } from 'node:timers/promises';
import { readClusterStatus, type ClusterStatus } from '../cluster-status';
import { ConfigError, loadConfig } from '../config';
import { Settings } from '../settings';
import { hangNode, killNode, nodeToBreak } from './cluster-break';
import { addFeed } from './cluster-feed';
import { clusterTables } from './cluster-tables';
import { flagsOf, wantsJson } from './flags';
import { createLogger } from './logger';
import { localCluster, operatorConfig } from './operator';
import { printJson, printLine } from './print';

/** Where a cluster of this machine may be, under DATA_DIR. */
const PLACES = ['.', 'cluster'];
const WATCH_MS = 1_000;
const CLEAR_SCREEN = '\x1b[2J\x1b[H';

interface BreakOptions {
  readonly node: string;
  readonly how: 'kill' | 'hang';
  readonly for: string;
}

export function clusterCommands(program: Command): void {
  const cluster = program.command('cluster').description('many nodes that share the work');
  cluster
    .command('status')
    .description('nodes, the shards that each holds, the streams and what waits in them')
    .option('--watch', 'again each second, until Ctrl-C')
    .action(async ({ watch = false }: { watch?: boolean }, command: Command) => {
      if (!watch) {
        show(await readStatus(command), command);
        // A broker that takes connections and says nothing has a socket of ours, which would keep the process alive.
        process.stdout.write('', () => process.exit());
        return;
      }
      for (;;) {
        const status = await readStatus(command).catch(orItsMessage);
        if (process.stdout.isTTY) process.stdout.write(CLEAR_SCREEN);
        show(status, command);
        await pause(WATCH_MS);
      }
    });
  cluster
    .command('break')
    .description('kills or suspends a node of a cluster that runs on this machine')
    .requiredOption('--node <name>', 'which one')
    .addOption(new Option('--how <how>', 'dead, or alive but mute').choices(['kill', 'hang']).default('kill'))
    .option('--for <time>', 'how long it hangs', '10s')
    .action(async (options: BreakOptions, command: Command) => {
      const { dataDir } = loadConfig(flagsOf(command), undefined, { serving: false });
      const running = localCluster(dataDir, PLACES);
      if (!running)
        throw new Error(
          `no cluster runs in ${dataDir}: start one with npm run cluster, or name its --data-dir`,
        );
      const node = nodeToBreak(running, options.node);
      if (options.how === 'kill') return killNode(node);
      await hangNode(node, readDurationMs(options.for));
    });
  addFeed(cluster, PLACES);
}

function readStatus(command: Command): Promise<ClusterStatus> {
  const config = operatorConfig(command, PLACES);
  if (config.embedded) {
    throw new ConfigError([
      'no cluster: the embedded database serves one node. Start one with npm run cluster, or set DATABASE_URL and NATS_URL',
    ]);
  }
  return readClusterStatus(config, createLogger('error', 2));
}

/** Who watches wants to see it come back. */
const orItsMessage = (error: unknown): { readonly error: string } => ({
  error: error instanceof Error ? error.message : String(error),
});

function show(status: ClusterStatus | { readonly error: string }, command: Command): void {
  if (wantsJson(command)) printJson(status);
  else printLine('error' in status ? `trade: ${status.error}` : clusterTables(status));
}

function readDurationMs(text: string): number {
  const settings = new Settings({ for: text }, []);
  const forMs = settings.durationMs('FOR', '10s');
  if (settings.faults.length > 0)
    throw new ConfigError(settings.faults.map((fault) => fault.replace('FOR', '--for')));
  return forMs;
}
