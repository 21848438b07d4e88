// Finds the PostgreSQL programs: on the PATH, in the usual places, or fetched.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { databaseAccount } from './account';
import { fetchPostgres } from './fetch-postgres';
import { pathFolders } from './path-folders';

const OLDEST = 15;

/** @returns the folder of `initdb` and `postgres`. @throws Error saying what to install */
export function findPostgres(places: readonly string[] = usualPlaces()): string {
  const found = places.find(isUsable);
  if (found !== undefined) return dirname(realpathSync(join(found, 'postgres')));
  try {
    return fetchPostgres(isUsable);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new Error(
      `PostgreSQL ${OLDEST} or later is needed: install it (apt-get install postgresql, brew install postgresql), ` +
        `or give the URL of one that runs. It could not be fetched either: ${why}`,
      { cause: error },
    );
  }
}

/** Whether the account that will run it can, and it is new enough. */
function isUsable(bin: string): boolean {
  if (!existsSync(join(bin, 'initdb'))) return false;
  const asked = { cwd: '/', encoding: 'utf8', ...databaseAccount() } as const;
  const { status, stdout } = spawnSync(join(bin, 'postgres'), ['--version'], asked);
  return status === 0 && Number(/(\d+)/.exec(stdout)?.[1]) >= OLDEST;
}

function usualPlaces(): string[] {
  return [
    ...pathFolders(),
    ...versionsUnder('/usr/lib/postgresql', /^\d+$/),
    ...versionsUnder('/usr', /^pgsql-\d+$/),
    ...versionsUnder('/usr/libexec', /^postgresql\d+$/, ''),
    ...['/opt/homebrew/opt', '/usr/local/opt', '/home/linuxbrew/.linuxbrew/opt'].flatMap((folder) =>
      versionsUnder(folder, /^postgresql(@\d+)?$/),
    ),
    ...versionsUnder('/Applications/Postgres.app/Contents/Versions', /^\d+$/),
    '/usr/local/pgsql/bin',
  ];
}

/** The folders of a place that look like versions, newest first. */
function versionsUnder(place: string, name: RegExp, sub = 'bin'): string[] {
  if (!existsSync(place)) return [];
  const version = (folder: string) => Number(/\d+/.exec(folder)?.[0] ?? 0);
  return readdirSync(place)
    .filter((folder) => name.test(folder))
    .sort((a, b) => version(b) - version(a))
    .map((folder) => join(place, folder, sub));
}
