// Lets the simulation, or chaos, loose on a tree, and tells after how many seeds it finds that something is wrong.
import { spawn } from 'node:child_process';
import { join } from 'node:path';

export interface Hunt {
  /** The lines that it printed for the first seed that is broken; empty if it found nothing. */
  readonly found: readonly string[];
  /** How many seeds it took, or how many were clean. */
  readonly seeds: number;
  readonly seconds: number;
}

/** What a seed takes at the very most. A run that is not over by then counts as found: it may be that nothing ends. */
const SIMULATED_SEED_MS = 5_000;
const CHAOS_SETTLES_MS = 180_000;
const KILL_AFTER_MS = 5_000;

interface Ended {
  readonly code: number | undefined;
  readonly output: string;
}

/** @param seeds how many are tried, from 1 on, one after the other */
export async function huntBySimulation(tree: string, seeds: number): Promise<Hunt> {
  const started = performance.now();
  const program = join(tree, 'test', 'simulation', 'main.js');
  const args = ['--seeds', `${seeds}`, '--jobs', '1', '--first'];
  const ended = await runProgram(program, args, (seeds + 10) * SIMULATED_SEED_MS);
  const found = findings(ended);
  return { found, seeds: seedOf(found[0]) ?? seeds, seconds: secondsSince(started) };
}

/** @param seeds how many are tried, from 1 on, each for so many seconds of faults */
export async function huntByChaos(tree: string, seeds: number, seconds: number): Promise<Hunt> {
  const started = performance.now();
  const program = join(tree, 'test', 'chaos', 'main.js');
  for (let seed = 1; seed <= seeds; seed += 1) {
    const limitMs = seconds * 1_000 + CHAOS_SETTLES_MS;
    const found = findings(
      await runProgram(program, ['--seed', `${seed}`, '--seconds', `${seconds}`], limitMs),
    );
    if (found.length > 0) return { found, seeds: seed, seconds: secondsSince(started) };
  }
  return { found: [], seeds, seconds: secondsSince(started) };
}

const secondsSince = (started: number): number => Math.round((performance.now() - started) / 1_000);

const BROKEN = /^seed (\d+): (?!clean$|\d+ broken$)/;

const seedOf = (line: string | undefined): number | undefined => {
  const seed = BROKEN.exec(line ?? '')?.[1];
  return seed === undefined ? undefined : Number(seed);
};

/** The lines of the first seed that is broken; a run that ends badly without one says how it ended. */
function findings({ code, output }: Ended): readonly string[] {
  if (code === 0) return [];
  const lines = output.split('\n').filter((line) => BROKEN.test(line));
  const first = seedOf(lines[0]);
  if (first !== undefined) return lines.filter((line) => seedOf(line) === first);
  if (code === undefined) return ['it did not come to an end'];
  return [`it ended with ${code}: ${output.trim().split('\n').slice(-3).join(' / ')}`];
}

/** Runs a compiled program to its end, and ends it when it takes too long. */
function runProgram(program: string, args: readonly string[], limitMs: number): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [program, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
    const endWithThis = (): void => void child.kill('SIGTERM');
    process.once('exit', endWithThis);
    let output = '';
    let isLate = false;
    const note = (chunk: Buffer): void => void (output += chunk.toString());
    child.stdout.on('data', note);
    child.stderr.on('data', note);
    const limit = setTimeout(() => {
      isLate = true;
      // Chaos ends what it has started when it is asked to; what does not hear is ended.
      child.kill('SIGTERM');
      setTimeout(() => child.kill('SIGKILL'), KILL_AFTER_MS).unref();
    }, limitMs);
    child.once('error', reject);
    child.once('close', (code) => {
      clearTimeout(limit);
      process.off('exit', endWithThis);
      resolve({ code: isLate ? undefined : (code ?? 1), output });
    });
  });
}
