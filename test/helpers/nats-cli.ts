// The programs that a document's `nats …` may be, the NATS CLI where there is one and always what stands in for it, and
// how its lines are run.
import { execFile, spawnSync } from 'node:child_process';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { ROOT } from './documents';

export interface NatsProgram {
  readonly name: string;
  /** Where a program `nats` lies. */
  readonly folder: string;
}

export function natsPrograms(): readonly NatsProgram[] {
  const installed = usualPlaces().find(isCli);
  return [
    { name: 'what stands in for the NATS CLI', folder: join(__dirname, 'nats-stand-in') },
    ...(installed === undefined ? [] : [{ name: 'the NATS CLI', folder: installed }]),
  ];
}

export interface RunLine {
  readonly program: NatsProgram;
  /** All that the line sees of an environment, but for PATH. */
  readonly env: Readonly<Record<string, string>>;
}

/** Runs a line as a shell does. @returns all that it printed. @throws Error with that unless it ends with 0 */
export async function runLine(line: string, { program, env }: RunLine): Promise<string> {
  const running = promisify(execFile)('bash', ['--norc', '-euc', line], {
    env: { ...env, PATH: [program.folder, process.env['PATH']].join(delimiter) },
    timeout: 20_000,
  });
  // The CLI would read a body from there.
  running.child.stdin?.end();
  const { stdout, stderr } = await running;
  return stdout + stderr;
}

function usualPlaces(): readonly string[] {
  const { PATH = '', GOBIN = '', GOPATH = '' } = process.env;
  const places = [
    // Where .ci/run puts it.
    join(ROOT, '.cache', 'bin'),
    ...PATH.split(delimiter),
    GOBIN,
    ...GOPATH.split(delimiter).map((folder) => folder && join(folder, 'bin')),
    join(homedir(), 'go', 'bin'),
  ];
  return places.filter((place) => place !== '');
}

/** Other programs are called `nats`, too. */
function isCli(place: string): boolean {
  const { status, stdout } = spawnSync(join(place, 'nats'), ['--help'], { encoding: 'utf8' });
  return status === 0 && stdout.includes('NATS Server and JetStream administration');
}
