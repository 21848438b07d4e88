// nats-server from the system's package archive or from its source, into the project's .cache: nothing of the
// system changes.
import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { arch, platform } from 'node:os';
import { join } from 'node:path';
import { cached, run } from './cache';

const SOURCE = 'github.com/nats-io/nats-server/v2@v2.11.8';

/** A way to get it: fills a folder, and says where in it the program is. */
export interface Way {
  readonly name: string;
  readonly program: string;
  fill(folder: string): void;
}

export const WAYS: readonly Way[] = [
  { name: 'apt', program: 'usr/sbin/nats-server', fill: fromArchive },
  { name: 'go', program: 'bin/nats-server', fill: fromSource },
];

/** @returns the program that `isUsable` agrees to. @throws Error telling why each way failed */
export function fetchNats(isUsable: (command: string) => boolean, ways: readonly Way[] = WAYS): string {
  const failures: string[] = [];
  for (const way of ways) {
    try {
      const home = cached(`nats-server-${way.name}-${platform()}-${arch()}`, (folder) => {
        way.fill(folder);
        if (!isUsable(join(folder, way.program))) throw new Error(`${way.name} has only an unfit one`);
      });
      return join(home, way.program);
    } catch (error) {
      failures.push(error instanceof Error ? error.message : String(error));
    }
  }
  throw new Error(failures.join('; '));
}

/** Fresh lists in a folder of their own, because the system's may be absent (as in a container image). */
function fromArchive(folder: string): void {
  const state = join(folder, 'apt');
  for (const sub of ['lists/partial', 'cache/archives/partial'])
    mkdirSync(join(state, sub), { recursive: true });
  const own = [
    '-o',
    `Dir::State::lists=${state}/lists`,
    '-o',
    `Dir::Cache=${state}/cache`,
    '-o',
    'APT::Sandbox::User=',
  ];
  try {
    run('apt-get', ['download', 'nats-server'], folder);
  } catch {
    run('apt-get', [...own, 'update'], folder);
    run('apt-get', [...own, 'download', 'nats-server'], folder);
  }
  const archive = readdirSync(folder).find((name) => name.endsWith('.deb'));
  if (archive === undefined) throw new Error('apt-get download gave nothing');
  run('dpkg', ['-x', archive, '.'], folder);
  for (const done of [archive, 'apt']) rmSync(join(folder, done), { recursive: true });
}

function fromSource(folder: string): void {
  run('env', [`GOBIN=${join(folder, 'bin')}`, 'GOFLAGS=', 'go', 'install', SOURCE], folder);
}
