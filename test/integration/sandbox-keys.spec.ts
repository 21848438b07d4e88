// A node at the sandbox of another process needs that one's keys: with keys of its own no payment could ever be made.
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { trade } from '../helpers/cli';
import { freePort } from '../helpers/servers';

let dataDir: string;
beforeEach(() => (dataDir = mkdtempSync(join(tmpdir(), 'trade-keys-'))));
afterEach(() => rmSync(dataDir, { recursive: true }));

it('does not start without them, and says what is missing', async () => {
  const env = { DATA_DIR: dataDir, PORT: String(await freePort()), SANDBOX_URL: 'http://127.0.0.1:1' };
  await expect(trade({ env }, 'start')).rejects.toMatchObject({
    code: 2,
    stderr: expect.stringMatching(
      /^trade: SANDBOX_URL is another process's sandbox, whose keys are not in .*\n$/,
    ),
  });
  for (const made of ['sandbox', 'pglite']) expect(existsSync(join(dataDir, made))).toBe(false);
});
