import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { versionAbove } from './version';

test('it is found from however deep a folder, and is no reason not to start', () => {
  const root = mkdtempSync(join(tmpdir(), 'trade-version-'));
  const deep = join(root, '.cache', 'proof', 'bin');
  mkdirSync(deep, { recursive: true });
  expect(versionAbove('/')).toBe('unknown');
  writeFileSync(join(root, 'package.json'), '{"version":"7.8.9"}');
  expect(versionAbove(deep)).toBe('7.8.9');
  expect(versionAbove(__dirname)).toMatch(/^\d+\.\d+\.\d+/);
  rmSync(root, { recursive: true });
});
