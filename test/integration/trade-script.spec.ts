// How the command line is started: what runs is what the source says, and what is printed is the answer only. The build is
// a stand-in in a folder of this test, because nodes of other tests run on `dist`.
import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const ROOT = join(__dirname, '..', '..');
/** Prints its arguments as JSON. */
const PROGRAM = 'console.log(JSON.stringify(process.argv.slice(2)))';
/** Makes the program, and says so where swc would say nothing. */
const BUILD = `console.log('built');
require('node:fs').mkdirSync('dist/bin', { recursive: true });
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
  mkdirSync(join(folder, 'bin'));
  cpSync(join(ROOT, 'bin', 'trade'), join(folder, 'bin', 'trade'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const run = async (program: string, ...args: string[]): Promise<string> =>
  (await promisify(execFile)(program, args, { cwd: folder })).stdout;

it('bin/trade builds, and prints nothing but the answer', async () => {
  expect(JSON.parse(await run(join(folder, 'bin', 'trade'), 'audit', '--json', 'a b'))).toEqual([
    'audit',
    '--json',
    'a b',
  ]);
});

it('bin/trade runs nothing old when the build fails', async () => {
  mkdirSync(join(folder, 'dist', 'bin'), { recursive: true });
  writeFileSync(join(folder, 'dist', 'bin', 'trade.js'), PROGRAM);
  writeFileSync(join(folder, 'build.js'), 'console.error("no such type"); process.exit(1)');
  await expect(run(join(folder, 'bin', 'trade'), 'audit')).rejects.toMatchObject({
    code: 1,
    stdout: '',
    stderr: expect.stringContaining('no such type'),
  });
});

it('`npm run trade` builds first', async () => {
  expect(await run('npm', 'run', 'trade', '--', 'audit', '--json')).toContain('["audit","--json"]');
});
