// Starts a server as a child and ends exactly that child, by pid: gently, then harder.
import { spawn } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync } from 'node:fs';
import type { Account } from './server-account';
import type { Scratch } from './server-scratch';
import { until } from './until';

export interface ServerProcess {
  readonly pid: number;
  readonly exited: Promise<void>;
  running(): boolean;
  /** Ends it with the gentlest of its signals that works. */
  stop(): Promise<void>;
  /** As when the machine takes it: SIGKILL, at once. */
  kill(): void;
}

export interface Launch {
  readonly command: string;
  readonly args: readonly string[];
  /** The signals that end it, gentlest first; the last but SIGKILL is what its guardian sends. */
  readonly signals: readonly NodeJS.Signals[];
  readonly account?: Account | undefined;
  /** Beside this process's own environment. */
  readonly env?: Readonly<Record<string, string>> | undefined;
  /** Whether it answers; asked until it does. */
  readonly ready: (pid: number) => boolean | Promise<boolean>;
}

const START_MS = 60_000;
const SIGNAL_MS = 8_000;

/** Starts a server in its scratch directory. @throws Error with the tail of its log if it does not come up */
export async function launch(scratch: Scratch, how: Launch): Promise<ServerProcess> {
  await scratch.server?.exited;
  const log = openSync(scratch.log, 'a');
  const child = spawn(how.command, how.args, {
    cwd: scratch.path,
    // Its own session: Ctrl-C is for the tests, whose end then ends the server.
    detached: true,
    stdio: ['ignore', log, log],
    env: { ...process.env, ...how.env },
    ...how.account,
  });
  closeSync(log);
  let failure: Error | undefined;
  let gone = false;
  const exited = new Promise<void>((resolve) => {
    const leave = (error?: Error) => {
      failure = error;
      gone = true;
      scratch.holdsNothing();
      resolve();
    };
    child.once('error', leave);
    child.once('exit', () => leave());
  });
  child.unref();
  const { pid } = child;
  if (pid === undefined) {
    await exited;
    throw new Error(`${how.command} cannot be run`, { cause: failure });
  }
  const gentlest = how.signals[0] ?? 'SIGTERM';
  scratch.holds(pid, how.signals.at(-1) ?? gentlest);
  const server: ServerProcess = {
    pid,
    exited,
    running: () => !gone,
    kill: () => void child.kill('SIGKILL'),
    stop: async () => {
      for (const signal of [...how.signals, 'SIGKILL' as const]) {
        if (gone) break;
        child.kill(signal);
        // A test may have suspended it, and then it would hear nothing.
        child.kill('SIGCONT');
        await until(`${how.command} to end on ${signal}`, () => gone, SIGNAL_MS).catch(() => undefined);
      }
    },
  };
  scratch.server = server;
  try {
    await until(`${how.command} to start`, async () => gone || (await how.ready(pid)), START_MS);
    if (server.running()) return server;
    throw new Error(`${how.command} ended while starting`);
  } catch (error) {
    await server.stop();
    throw new Error(`${String(error)}\n${logTail(scratch)}`, { cause: error });
  }
}

function logTail(scratch: Scratch): string {
  return existsSync(scratch.log) ? readFileSync(scratch.log, 'utf8').split('\n').slice(-25).join('\n') : '';
}
