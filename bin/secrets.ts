// The demo's secrets: generated once and kept in DATA_DIR, so that tokens outlive a restart.
import { randomBytes } from 'node:crypto';
import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { keptIn } from '../persistence/data-dir';

export interface Secrets {
  readonly jwtSecret: string;
  readonly adminToken: string;
}

/** Reads DATA_DIR/secrets.json, or makes it, readable by its owner only. */
export function keptSecrets(dataDir: string): Secrets {
  return secretsIn(dataDir) ?? keptIn(dataDir, () => make(dataDir, pathIn(dataDir)));
}

/** Those that a node has kept in DATA_DIR, for whoever only reads there; undefined if none has. */
export const secretsIn = (dataDir: string): Secrets | undefined => read(pathIn(dataDir));

const pathIn = (dataDir: string): string => join(dataDir, 'secrets.json');

function make(dataDir: string, path: string): Secrets {
  mkdirSync(dataDir, { recursive: true });
  const fresh: Secrets = {
    jwtSecret: randomBytes(32).toString('base64url'),
    adminToken: randomBytes(24).toString('base64url'),
  };
  // Written beside and linked into place: of two processes that start at once both read the whole first one.
  const draft = `${path}.${randomBytes(6).toString('hex')}`;
  writeFileSync(draft, `${JSON.stringify(fresh, undefined, 2)}\n`, { mode: 0o600 });
  try {
    linkSync(draft, path);
    return fresh;
  } catch (error) {
    const first = read(path);
    if (!first) throw error;
    return first;
  } finally {
    rmSync(draft);
  }
}

function read(path: string): Secrets | undefined {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
  const { jwtSecret, adminToken } = JSON.parse(text) as Partial<Secrets>;
  if (!jwtSecret || !adminToken)
    throw new Error(`${path} lacks jwtSecret or adminToken; remove it to make both anew`);
  return { jwtSecret, adminToken };
}
