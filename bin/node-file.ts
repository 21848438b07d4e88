// DATA_DIR/node.json tells the CLI where the running node is: the embedded database serves one process only.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Config } from './config';

export const nodeFile = (dataDir: string): string => join(dataDir, 'node.json');

/** @returns what takes the file away again */
export function announceNode(config: Config, url: string): () => Promise<void> {
  const path = nodeFile(config.dataDir);
  mkdirSync(config.dataDir, { recursive: true });
  const { adminToken } = config.access;
  writeFileSync(path, JSON.stringify({ pid: process.pid, url, adminToken }), { mode: 0o600 });
  return () => {
    rmSync(path, { force: true });
    return Promise.resolve();
  };
}
