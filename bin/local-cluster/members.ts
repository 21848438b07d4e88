// The cluster's own processes: nodes, and the sandbox platform in a demo. Each is `trade …` as a user would start it.
import { join } from 'node:path';
import { callbackUrlOf } from '../callback-url';
import { localUrl } from '../local-url';
import { NODE_FLAGS } from '../node-flags';
import { launch, type ServerProcess } from '../local-servers/launch';
import { Scratch } from '../local-servers/scratch';
import { until } from '../local-servers/until';
import type { Member, PartOptions } from './cluster-parts';
import { keepRunning } from './kept-process';

export interface TradeOptions extends PartOptions {
  readonly environment: Readonly<Record<string, string>>;
  /** What it listens on. */
  readonly host: string;
}

const TRADE = join(__dirname, '..', 'trade.js');
/** A node lets what is under way end; then it is killed. */
const STOP_MS = 20_000;
const PROGRESS_MS = 3_000;
const ANSWER_MS = 2_000;

/** Starts a node. @returns once it is ready */
export async function keepNode(options: TradeOptions, name: string, port: number): Promise<Member> {
  const { dataDir, environment, host, say, ending } = options;
  const url = localUrl(host, port);
  const scratch = Scratch.open('node', join(dataDir, name));
  options.opened(scratch);
  // Flags, so that a list of processes shows which is which.
  const args = ['start', '--node-name', name, '--port', String(port)];
  const start = (ready: () => boolean | Promise<boolean>) => startTrade(scratch, args, environment, ready);
  const first = (): Promise<ServerProcess> => {
    const began = performance.now();
    let said = began;
    return start(async () => {
      const missing = await missingAt(url);
      if (missing.length > 0 && performance.now() - said > PROGRESS_MS) {
        said = performance.now();
        say(`waiting for ${name} since ${Math.round((said - began) / 1_000)} s: ${missing}`);
      }
      return missing === '';
    });
  };
  // It need not be ready to be kept: what it misses may be what others miss too.
  const again = async (): Promise<ServerProcess> => {
    const node = await start(() => true);
    const isOver = async () => ending.aborted || !node.running() || (await missingAt(url)) === '';
    void until(`${name} to be ready`, isOver, 600_000).then(
      () => node.running() && !ending.aborted && say(`${name} is ready again`),
      () => say(`${name} is still not ready (log: ${scratch.log})`),
    );
    return node;
  };
  const kept = await keepRunning(name, options, first, again);
  say(`${name} is ready on ${url} (process ${kept.first.pid}, log ${scratch.log})`);
  return { name, url, log: scratch.log, pid: kept.pid };
}

/** Starts the sandbox platform, which calls back whichever node lives. */
export async function keepSandbox(
  options: TradeOptions,
  port: number,
  nodeUrls: readonly string[],
): Promise<Member> {
  const url = localUrl(options.host, port);
  const scratch = Scratch.open('sandbox', join(options.dataDir, 'sandbox-server'));
  options.opened(scratch);
  const callbacks = nodeUrls.map(callbackUrlOf);
  const args = ['sandbox', '--sandbox-port', String(port), '--callback-url', ...callbacks];
  const start = () => startTrade(scratch, args, options.environment, () => answers(url));
  const kept = await keepRunning('sandbox', options, start, start);
  options.say(`the sandbox platform is on ${url} (process ${kept.first.pid}, log ${scratch.log})`);
  return { name: 'sandbox', url, log: scratch.log, pid: kept.pid };
}

const startTrade = (
  scratch: Scratch,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  ready: () => boolean | Promise<boolean>,
): Promise<ServerProcess> =>
  launch(scratch, {
    command: process.execPath,
    args: [...NODE_FLAGS, TRADE, ...args],
    env,
    signals: ['SIGTERM'],
    signalMs: STOP_MS,
    ready,
  });

/** @returns what keeps a node from being ready; nothing once it is */
async function missingAt(url: string): Promise<string> {
  try {
    const answer = await fetch(`${url}/readyz`, { signal: AbortSignal.timeout(ANSWER_MS) });
    return answer.ok ? '' : await answer.text();
  } catch {
    return 'it does not answer yet';
  }
}

const answers = (url: string): Promise<boolean> =>
  fetch(url, { signal: AbortSignal.timeout(ANSWER_MS) }).then(
    () => true,
    () => false,
  );
