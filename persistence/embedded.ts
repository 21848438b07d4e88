// The embedded database: PGlite behind a private socket, so that the same pg and TypeORM code talks to it as to
// a server. It survives kill -9, but promises nothing on power loss, because it does not sync its files.
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { lockDataDir } from './data-dir-lock';

export interface Embedded {
  /** Where pg finds it: the folder of its socket stands in the host's place. */
  readonly connection: { readonly host: string; readonly port: number };
  close(): Promise<void>;
}

const PORT = 5432;

/**
 * Opens the database in `<dataDir>/pglite`, making it if it is not there.
 * @throws Error if another live process has it open
 */
export async function openEmbedded(dataDir: string): Promise<Embedded> {
  mkdirSync(dataDir, { recursive: true });
  const unlock = lockDataDir(dataDir);
  // Only its owner can enter a folder that mkdtemp made, so nobody else reaches the socket.
  const folder = mkdtempSync(join(tmpdir(), 'trade-'));
  const worker = new Worker(join(__dirname, 'embedded-worker.js'), {
    workerData: { dataDir: join(dataDir, 'pglite'), listen: { path: join(folder, `.s.PGSQL.${PORT}`) } },
  });
  const cleanUp = (): void => {
    rmSync(folder, { recursive: true, force: true });
    unlock();
  };
  try {
    await once(worker, 'message');
  } catch (error) {
    cleanUp();
    throw new Error(`the embedded database in ${dataDir} cannot be opened`, { cause: error });
  }
  return {
    connection: { host: folder, port: PORT },
    async close() {
      worker.postMessage('close');
      await once(worker, 'message');
      await worker.terminate();
      cleanUp();
    },
  };
}
