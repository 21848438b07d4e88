// Finds nats-server: on the PATH, in the usual places, or fetched.
import { spawnSync } from 'node:child_process';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fetchNats } from './fetch-nats';
import { pathFolders } from './path-folders';

const OLDEST = [2, 9, 10] as const;

/** @returns the path of `nats-server`. @throws Error saying what to install */
export function findNats(places: readonly string[] = usualPlaces()): string {
  const found = places.map((folder) => join(folder, 'nats-server')).find(isUsable);
  if (found !== undefined) return found;
  try {
    return fetchNats(isUsable);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new Error(
      `nats-server ${OLDEST.join('.')} or later is needed: install it (apt-get install nats-server, ` +
        `brew install nats-server), or give the URL of one that runs. It could not be fetched either: ${why}`,
      { cause: error },
    );
  }
}

function isUsable(command: string): boolean {
  const { status, stdout } = spawnSync(command, ['--version'], { encoding: 'utf8' });
  const version = /v(\d+)\.(\d+)\.(\d+)/.exec(stdout)?.slice(1).map(Number);
  if (status !== 0 || version === undefined) return false;
  const differs = OLDEST.findIndex((part, index) => version[index] !== part);
  return differs === -1 || (version[differs] ?? 0) > (OLDEST[differs] ?? 0);
}

function usualPlaces(): string[] {
  return [
    ...pathFolders(),
    '/usr/sbin',
    '/usr/local/bin',
    '/usr/local/sbin',
    '/opt/homebrew/bin',
    '/opt/homebrew/opt/nats-server/bin',
    '/home/linuxbrew/.linuxbrew/bin',
    join(homedir(), 'go', 'bin'),
  ];
}
