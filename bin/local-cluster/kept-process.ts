// A process that is started again whenever it ends, until the cluster does.
import { setTimeout as pause } from 'node:timers/promises';
import { LaunchError } from '../local-servers/launch';

export interface Running {
  readonly pid: number;
  readonly exited: Promise<string>;
}

export interface Kept<Process extends Running = Running> {
  readonly first: Process;
  /** Undefined while it is away. */
  readonly pid: () => number | undefined;
}

export interface Keeping {
  /** Aborted when the cluster ends. */
  readonly ending: AbortSignal;
  readonly say: (line: string) => void;
  /** Called whenever a process came or went. */
  readonly changed: () => void;
}

const AGAIN_AFTER_MS = 2_000;

/**
 * @param first starts it; whoever fails at the first time fails for good
 * @param again starts its successor
 * @throws Error with one line if it does not start
 */
export async function keepRunning<Process extends Running>(
  name: string,
  keeping: Keeping,
  first: () => Promise<Process>,
  again: (before: Process) => Promise<Process>,
): Promise<Kept<Process>> {
  const { ending, say, changed } = keeping;
  const isOver = (): boolean => ending.aborted;
  const original = await first().catch((error: unknown) => {
    throw new Error(`${name} does not start: ${lineOf(error)}`, { cause: error });
  });
  let running: Process | undefined = original;
  const keep = async (): Promise<void> => {
    while (!isOver()) {
      const how = await running?.exited;
      running = undefined;
      if (isOver()) return;
      if (how !== undefined) {
        changed();
        say(`${name} ended (${how}); it is started again in ${AGAIN_AFTER_MS / 1_000} s`);
      }
      await pause(AGAIN_AFTER_MS, undefined, { signal: ending }).catch(() => undefined);
      if (isOver()) return;
      try {
        running = await again(original);
        say(`${name} is started again (process ${running.pid})`);
        changed();
      } catch (error) {
        say(`${name} does not start: ${lineOf(error)}`);
      }
    }
  };
  void keep();
  return { first: original, pid: () => running?.pid };
}

/** One line of what went wrong, with the last words of the process. */
export function lineOf(error: unknown): string {
  if (!(error instanceof LaunchError)) return error instanceof Error ? error.message : String(error);
  const words = error.tail.split('\n').filter((line) => line.trim() !== '' && !/^\s+at /.test(line));
  return `${error.reason}: ${words.at(-1) ?? 'it said nothing'} (log: ${error.log})`;
}
