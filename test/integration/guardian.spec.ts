// Whoever waits for a guardian to be gone may count on its server being gone too, however long that takes to die.
import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { isAlive } from '../../persistence/processes';
import { until } from '../helpers/until';

const SCRATCH = join(__dirname, '..', '..', 'dist', 'bin', 'local-servers', 'scratch.js');
/** Deaf to SIGTERM; and its parent never asks what became of it, so that once killed it stays as a zombie. */
const PARENT = `sh -c 'trap "" TERM; echo $$; while :; do sleep 1; done' & exec sleep 60`;
const STARTER = `
  const { Scratch } = require(process.argv[1]);
  Scratch.open('guarded', process.argv[2]).holds(Number(process.argv[3]), 'SIGTERM');
  setInterval(() => {}, 60_000);
  console.log('it is guarded');
`;

const ended: ChildProcess[] = [];
const path = mkdtempSync(join(tmpdir(), 'trade-guardian-'));

function start(command: string, args: readonly string[]): ChildProcess {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  ended.push(child);
  return child;
}

/** @returns the first thing that it prints */
async function saidBy(child: ChildProcess): Promise<string> {
  const [said] = (await once(child.stdout!, 'data')) as [Buffer];
  return said.toString();
}

/** @returns what `ps` prints; nothing if it finds no such process */
async function ps(...args: string[]): Promise<string> {
  return (await promisify(execFile)('ps', args).catch(() => ({ stdout: '' }))).stdout;
}

afterAll(() => {
  for (const child of ended) child.kill('SIGKILL');
  rmSync(path, { recursive: true, force: true });
});

it('stays until a server that has to be killed is gone', async () => {
  const parent = start('sh', ['-c', PARENT]);
  const server = Number(await saidBy(parent));
  const starter = start(process.execPath, ['-e', STARTER, SCRATCH, path, String(server)]);
  await saidBy(starter);
  const guards = async (): Promise<boolean> => (await ps('-eo', 'args')).includes(`sh ${path} keep`);
  expect(await guards()).toBe(true);
  starter.kill('SIGKILL');
  await until('the server to be killed', async () =>
    (await ps('-o', 'stat=', '-p', String(server))).startsWith('Z'),
  );
  expect(await guards()).toBe(true);
  parent.kill('SIGKILL');
  await until('the guardian to be gone', async () => !(await guards()));
  expect(isAlive(server)).toBe(false);
}, 30_000);
