// The embedded database serves one process: while a node runs on it, commands ask that node.
import { readFileSync } from 'node:fs';
import { isAlive } from '../../persistence/processes';
import { nodeFile } from '../node-file';

export interface NodeAddress {
  readonly pid: number;
  readonly url: string;
  readonly adminToken: string;
}

/** @returns undefined if no node runs on this folder; a file left behind by a crash counts as none */
export async function findRunningNode(dataDir: string): Promise<NodeAddress | undefined> {
  const address = read(nodeFile(dataDir));
  if (!address || !isAlive(address.pid)) return undefined;
  // After a reboot another program may have the number.
  return (await listens(address.url)) ? address : undefined;
}

function read(path: string): NodeAddress | undefined {
  try {
    const { pid, url, adminToken } = JSON.parse(readFileSync(path, 'utf8')) as Partial<NodeAddress>;
    return pid !== undefined && url && adminToken ? { pid, url, adminToken } : undefined;
  } catch {
    return undefined;
  }
}

async function listens(url: string): Promise<boolean> {
  try {
    await fetch(new URL('/healthz', url), { signal: AbortSignal.timeout(3_000) });
    return true;
  } catch (error) {
    const cause = (error as { cause?: { code?: unknown } }).cause;
    return cause?.code !== 'ECONNREFUSED';
  }
}
