// One process a DATA_DIR: two embedded databases on one folder lose data.
import { linkSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isAlive, processName } from './processes';

/**
 * Takes the lock, also from a process that died without giving it back.
 * @returns what gives it back
 * @throws Error naming the process that holds it
 */
export function lockDataDir(dataDir: string): () => void {
  const path = join(dataDir, 'lock');
  const own = processName(process.pid);
  if (!claim(path, own)) takeOver(path, own, dataDir);
  return () => {
    if (holderOf(path) === own) rmSync(path, { force: true });
  };
}

/** Of several that find the lock of a dead process, the one that also gets the second lock may remove the first. */
function takeOver(path: string, own: string, dataDir: string): void {
  refuseIfAlive(path, dataDir);
  const second = `${path}.taking`;
  if (!claim(second, own)) {
    refuseIfAlive(second, dataDir);
    rmSync(second, { force: true });
    throw new Error(`another process was taking over ${dataDir} and died; start again`);
  }
  try {
    refuseIfAlive(path, dataDir);
    rmSync(path, { force: true });
    if (!claim(path, own)) throw new Error(`another process is opening ${dataDir}`);
  } finally {
    rmSync(second, { force: true });
  }
}

/** Linking fails where the name is taken, and what appears under it is complete. @returns whether we have it */
function claim(path: string, own: string): boolean {
  const draft = `${path}.${process.pid}`;
  writeFileSync(draft, own);
  try {
    linkSync(draft, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  } finally {
    rmSync(draft, { force: true });
  }
}

function refuseIfAlive(path: string, dataDir: string): void {
  const holder = holderOf(path);
  const pid = Number(holder?.split(' ')[0]);
  if (holder === undefined || !Number.isInteger(pid) || pid <= 0) return;
  if (isAlive(pid) && (!holder.includes(' ') || processName(pid) === holder)) {
    throw new Error(`process ${pid} has ${dataDir} open; stop it, or choose another DATA_DIR`);
  }
}

function holderOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    return undefined;
  }
}
