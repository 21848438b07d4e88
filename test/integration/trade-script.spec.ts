// How the command line is started: what runs is what the source says. The build is a stand-in in a folder of this test,
// because nodes of other tests run on `dist`.
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const ROOT = join(__dirname, '..', '..');
/** Prints its arguments as JSON. */
const PROGRAM = 'console.log(JSON.stringify(process.argv.slice(2)))';
const BUILD = `require('node:fs').mkdirSync('dist/bin', { recursive: true });
require('node:fs').writeFileSync('dist/bin/trade.js', ${JSON.stringify(PROGRAM)});`;

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'trade-script-'));
  const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
    scripts: Record<string, string>;
  };
  writeFileSync(
    join(folder, 'package.json'),
    JSON.stringify({ scripts: { ...scripts, build: 'node build.js' } }),
  );
  writeFileSync(join(folder, 'build.js'), BUILD);
});
afterEach(() => rmSync(folder, { recursive: true }));

const trade = async (...args: string[]): Promise<string> =>
  (await promisify(execFile)('npm', ['run', 'trade', '--', ...args], { cwd: folder })).stdout;

it('builds first', async () => {
  expect(await trade('audit', '--json', 'a b')).toContain('["audit","--json","a b"]');
});

it('runs nothing old when the build fails', async () => {
  mkdirSync(join(folder, 'dist', 'bin'), { recursive: true });
  writeFileSync(join(folder, 'dist', 'bin', 'trade.js'), PROGRAM);
  writeFileSync(join(folder, 'build.js'), 'console.error("no such type"); process.exit(1)');
  await expect(trade('audit')).rejects.toMatchObject({
    code: 1,
    stdout: expect.not.stringContaining('["audit"]'),
    stderr: expect.stringContaining('no such type'),
  });
});
