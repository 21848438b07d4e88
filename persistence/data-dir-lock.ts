// One process a DATA_DIR: two embedded databases on one folder lose data.
import { linkSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Takes the lock, also from a process that died without giving it back.
 * @returns what gives it back
 * @throws Error naming the process that holds it
 */
export function lockDataDir(dataDir: string): () => void {
  const path = join(dataDir, 'lock');
  const draft = `${path}.${process.pid}`;
  writeFileSync(draft, String(process.pid));
  try {
    take(path, draft, dataDir);
  } finally {
    rmSync(draft, { force: true });
  }
  return () => {
    if (holderOf(path) === process.pid) rmSync(path, { force: true });
  };
}

/** Linking fails where the name is taken, so of two processes that start at once only one gets it. */
function take(path: string, draft: string, dataDir: string): void {
  try {
    linkSync(draft, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    const holder = holderOf(path);
    if (holder !== undefined && isAlive(holder)) {
      throw new Error(`process ${holder} has ${dataDir} open; stop it, or choose another DATA_DIR`);
    }
    rmSync(path, { force: true });
    linkSync(draft, path);
  }
}

function holderOf(path: string): number | undefined {
  try {
    return Number(readFileSync(path, 'utf8')) || undefined;
  } catch {
    return undefined;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
