// Where the books of one measurement are: a database of its own on the server, or the embedded one.
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import pino from 'pino';
import { openDatabase, type Database } from '../../persistence/database';
import { freshDatabase } from '../helpers/servers';
import type { Ground } from './ground';

export interface Place {
  /** Undefined: embedded. */
  readonly url: string | undefined;
  /** With its tables made. Nobody else may have the embedded one open. */
  open(): Promise<Database>;
  drop(): Promise<void>;
}

const logger = pino({ level: 'silent' });

/** A new database on the ground's server. */
export async function placeOnServer(ground: Ground): Promise<Place> {
  const fresh = await freshDatabase((await ground.postgres()).url);
  const { url } = fresh;
  return {
    url,
    open: () => openDatabase({ url, dataDir: '', applicationName: 'bench', logger }),
    drop: () => fresh.drop(),
  };
}

/** A new embedded database in the ground's folder. */
export function embeddedPlace({ dataDir }: Ground): Place {
  const folder = join(dataDir, 'pglite');
  rmSync(folder, { recursive: true, force: true });
  return {
    url: undefined,
    open: () => openDatabase({ dataDir, applicationName: 'bench', logger }),
    drop: () => {
      rmSync(folder, { recursive: true, force: true });
      return Promise.resolve();
    },
  };
}
