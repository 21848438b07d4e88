// Files and keys for NATS are read and tried before anything starts: the client would report the same fault again
// and again, as if the broker were away.
import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createSecureContext } from 'node:tls';
import { credsAuthenticator, nkeyAuthenticator } from 'nats';
import type { NatsConfig } from './config-sections';
import type { Settings } from './settings';

/** Notes a fault for each file that cannot be read or does not hold what it should. */
export function checkNatsFiles(nats: NatsConfig, settings: Settings): void {
  const attempt = (name: string, what: string, action: () => unknown): void => {
    try {
      action();
    } catch (error) {
      settings.fault(name, `${what}: ${(error as Error).message}`);
    }
  };
  const read = (name: string, path: string | undefined): Buffer | undefined => {
    let bytes: Buffer | undefined;
    if (path !== undefined) attempt(name, 'cannot be read', () => (bytes = readFileSync(path)));
    return bytes;
  };

  const { nkeySeed } = nats;
  if (nkeySeed !== undefined) {
    attempt('NATS_NKEY_SEED', 'is no seed', () => nkeyAuthenticator(Buffer.from(nkeySeed))(''));
  }
  const credentials = read('NATS_CREDS', nats.credentials);
  if (credentials) {
    attempt('NATS_CREDS', 'holds no credentials', () => credsAuthenticator(credentials)(''));
  }
  const [ca, cert, key] = [
    read('NATS_CA', nats.ca),
    read('NATS_CERT', nats.certificate),
    read('NATS_KEY', nats.key),
  ];
  if (ca) attempt('NATS_CA', 'holds no certificate', () => new X509Certificate(ca));
  if (cert && key) {
    attempt('NATS_CERT', 'and NATS_KEY do not go together', () => createSecureContext({ cert, key }));
  }
}
