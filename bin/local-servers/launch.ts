// Starts a server as a child and ends exactly that child, by pid: gently, then harder.
import { spawn } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync } from 'node:fs';
import type { Account } from './account';
import type { Scratch } from './scratch';
import { until } from './until';

export interface ServerProcess {
  readonly pid: number;
  /** How it ended: its exit code or the signal. */
  readonly exited: Promise<string>;
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
  /** Ours, if none is given. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Whether it answers; asked until it does. */
  readonly ready: (pid: number) => boolean | Promise<boolean>;
  /** How long each signal has to work. */
  readonly signalMs?: number;
}

/** What did not come up, and the end of its log. */
export class LaunchError extends Error {
  constructor(
    readonly reason: string,
    readonly log: string,
    readonly tail: string,
    cause: unknown,
  ) {
    super(`${reason}\n${tail}`, { cause });
    this.name = 'LaunchError';
  }
}

const START_MS = 60_000;
const SIGNAL_MS = 8_000;

/** Starts a server in its scratch directory. @throws LaunchError if it does not come up */
export async function launch(scratch: Scratch, how: Launch): Promise<ServerProcess> {
  await scratch.isFree();
  const log = openSync(scratch.log, 'a');
  const child = spawn(how.command, how.args, {
    cwd: scratch.path,
    // Its own session: Ctrl-C is for us, and our end then ends the server.
    detached: true,
    stdio: ['ignore', log, log],
    ...how.account,
    ...(how.env === undefined ? {} : { env: { ...how.env } }),
  });
  closeSync(log);
  let failure: Error | undefined;
  let gone = false;
  const exited = new Promise<string>((resolve) => {
    const leave = (how: string) => {
      gone = true;
      scratch.holdsNothing();
      resolve(how);
    };
    child.once('error', (error) => {
      failure = error;
      leave(error.message);
    });
    child.once('exit', (code, signal) => leave(signal ?? `code ${code}`));
  });
  child.unref();
  const { pid } = child;
  if (pid === undefined) {
    await exited;
    throw new Error(`${how.command} cannot be run`, { cause: failure });
  }
  const { signalMs = SIGNAL_MS } = how;
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
        // It may have been suspended, and then it would hear nothing.
        child.kill('SIGCONT');
        await until(`${how.command} to end on ${signal}`, () => gone, signalMs).catch(() => undefined);
      }
    },
  };
  scratch.server = server;
  try {
    await until(`${how.command} to start`, async () => gone || (await how.ready(pid)), START_MS);
    if (server.running()) return server;
    throw new Error(`${how.command} ended while starting (${await exited})`);
  } catch (error) {
    await server.stop();
    const reason = error instanceof Error ? error.message : String(error);
    throw new LaunchError(reason, scratch.log, logTail(scratch), error);
  }
}

function logTail(scratch: Scratch): string {
  return existsSync(scratch.log) ? readFileSync(scratch.log, 'utf8').split('\n').slice(-25).join('\n') : '';
}
