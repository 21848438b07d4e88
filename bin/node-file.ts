// DATA_DIR/node.json tells the CLI where the running node is: the embedded database serves one process only.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Config } from './config';
import { localUrl } from './local-url';

export const nodeFile = (dataDir: string): string => join(dataDir, 'node.json');

/** @returns what takes the file away again */
export function announceNode({ dataDir, http, access }: Config): () => Promise<void> {
  const path = nodeFile(dataDir);
  mkdirSync(dataDir, { recursive: true });
  // The CLI is on this machine: it needs no proxy that the public address may lead through.
  const url = localUrl(http.host, http.port);
  const { adminToken } = access;
  writeFileSync(path, JSON.stringify({ pid: process.pid, url, adminToken }), { mode: 0o600 });
  return () => {
    rmSync(path, { force: true });
    return Promise.resolve();
  };
}
