// The project's .cache: each entry is there as a whole or not at all, even when two processes make it at once.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';

const CACHE = join(projectFolder(__dirname), '.cache');

/** @returns the entry's folder, which `fill` has filled now or in an earlier run */
export function cached(name: string, fill: (folder: string) => void): string {
  const entry = join(CACHE, name);
  if (existsSync(entry)) return entry;
  mkdirSync(CACHE, { recursive: true });
  const folder = mkdtempSync(join(CACHE, 'filling-'));
  try {
    fill(folder);
    run('chmod', ['a+rx', folder], folder);
    renameSync(folder, entry);
  } catch (error) {
    if (!existsSync(entry)) throw error;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return entry;
}

/** Runs a program to its end. @returns what it printed. @throws Error with what it complained about */
export function run(command: string, args: readonly string[], cwd: string): string {
  const done = spawnSync(command, args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  if (done.status === 0) return done.stdout;
  const complaint = done.error?.message ?? done.stderr.trim().split('\n').at(-1) ?? '';
  throw new Error(`${command} ${args[0] ?? ''} failed: ${complaint}`);
}

/** Compiled code lies deeper than its source. */
export function projectFolder(from: string): string {
  return existsSync(join(from, 'package.json')) ? from : projectFolder(dirname(from));
}
