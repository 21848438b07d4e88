import { verify } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hasKeys, openKeys } from './keys';

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'keys-'))));
afterEach(() => rmSync(folder, { recursive: true }));

test('keys are made once, for their owner alone, and fit each other', () => {
  expect(hasKeys(folder)).toBe(false);
  const first = openKeys(folder);
  const second = openKeys(folder);
  expect(hasKeys(folder)).toBe(true);
  expect(second.publicKey).toBe(first.publicKey);
  expect(second.apiKey).toBe(first.apiKey);

  const bytes = Buffer.from('paid');
  expect(verify('RSA-SHA256', bytes, first.publicKey, Buffer.from(second.sign(bytes), 'base64'))).toBe(true);

  expect(readdirSync(join(folder, 'sandbox')).sort()).toEqual(['api-key', 'private.pem']);
  for (const name of ['api-key', 'private.pem']) {
    expect(statSync(join(folder, 'sandbox', name)).mode & 0o777).toBe(0o600);
  }
});

test('two data folders have different keys', () => {
  expect(openKeys(join(folder, 'a')).apiKey).not.toBe(openKeys(join(folder, 'b')).apiKey);
});
