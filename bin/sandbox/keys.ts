// One key pair and one API key per data folder, made by whoever comes first and the same ever after, even if
// several processes start at once or one is killed while it makes them.
import { createPrivateKey, createPublicKey, generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import { existsSync, linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface SandboxKeys {
  /** SPKI, PEM: what merchants check callbacks with. */
  readonly publicKey: string;
  /** The value of `x-sandbox-key` in a merchant's calls. */
  readonly apiKey: string;
  /** RSA-SHA256 over the bytes, base64. */
  readonly sign: (bytes: Uint8Array) => string;
}

/** Where the platform keeps its files, under a data folder. */
export const sandboxFolder = (dataDir: string): string => join(dataDir, 'sandbox');

const PRIVATE_KEY = 'private.pem';
const API_KEY = 'api-key';

/** Whether a data folder has keys, of this process or of another. */
export const hasKeys = (dataDir: string): boolean =>
  [PRIVATE_KEY, API_KEY].every((name) => existsSync(join(sandboxFolder(dataDir), name)));

/** Reads the keys of a data folder and makes them if they are not there. */
export function openKeys(dataDir: string): SandboxKeys {
  const folder = sandboxFolder(dataDir);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const privateKey = createPrivateKey(once(join(folder, PRIVATE_KEY), newPrivateKey));
  const apiKey = once(join(folder, API_KEY), () => randomBytes(24).toString('base64url'));
  return {
    publicKey: createPublicKey(privateKey).export({ type: 'spki', format: 'pem' }).toString(),
    apiKey,
    sign: (bytes) => sign('RSA-SHA256', bytes, privateKey).toString('base64'),
  };
}

const newPrivateKey = (): string =>
  generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  }).privateKey;

/** The file's text. A link appears whole or not at all, and the second process to make one is told. */
function once(path: string, make: () => string): string {
  if (existsSync(path)) return readFileSync(path, 'utf8');
  const draft = `${path}.${randomBytes(6).toString('hex')}`;
  writeFileSync(draft, make(), { mode: 0o600 });
  try {
    linkSync(draft, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    rmSync(draft);
  }
  return readFileSync(path, 'utf8');
}
