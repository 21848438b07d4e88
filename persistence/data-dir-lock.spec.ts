import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { lockDataDir } from './data-dir-lock';

let dataDir: string;
let other: ChildProcess | undefined;
beforeEach(() => (dataDir = mkdtempSync(join(tmpdir(), 'lock-'))));
afterEach(() => {
  other?.kill('SIGKILL');
  other = undefined;
  rmSync(dataDir, { recursive: true, force: true });
});

const lock = (): string => join(dataDir, 'lock');

async function startOther(): Promise<number> {
  other = spawn(process.execPath, ['-e', 'setInterval(() => undefined, 1000)']);
  await once(other, 'spawn');
  return other.pid!;
}

test('one holder at a time, also within a process', () => {
  const unlock = lockDataDir(dataDir);
  expect(() => lockDataDir(dataDir)).toThrow(`process ${process.pid} has ${dataDir} open`);
  unlock();
  expect(readdirSync(dataDir)).toEqual([]);
  lockDataDir(dataDir)();
});

test('a live process is named', async () => {
  const pid = await startOther();
  writeFileSync(lock(), String(pid));
  expect(() => lockDataDir(dataDir)).toThrow(`process ${pid} has ${dataDir} open`);
});

test('a dead process has no lock any more', async () => {
  const pid = await startOther();
  const gone = once(other!, 'exit');
  other!.kill('SIGKILL');
  await gone;
  writeFileSync(lock(), String(pid));
  lockDataDir(dataDir)();
  expect(existsSync(lock())).toBe(false);
});

test('what is no lock at all locks nothing', () => {
  writeFileSync(lock(), '');
  lockDataDir(dataDir)();
});

/** Only there does the system tell when a process started. */
const onLinux = process.platform === 'linux' ? test : test.skip;

onLinux('a dead process whose number was given to another has no lock any more', async () => {
  const pid = await startOther();
  writeFileSync(lock(), `${pid} 1`);
  lockDataDir(dataDir)();
  // In a container the process before had the same number as this one.
  writeFileSync(lock(), `${process.pid} 1`);
  lockDataDir(dataDir)();
});
