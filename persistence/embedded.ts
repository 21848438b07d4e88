// The embedded database: PGlite behind a private socket, so that the same pg and TypeORM code talks to it as to
// a server. It survives kill -9, but promises nothing on power loss, because it does not sync its files.
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { keptIn } from './data-dir';
import { lockDataDir } from './data-dir-lock';

export interface Embedded {
  /** Where pg finds it: the folder of its socket stands in the host's place, if it has one. */
  readonly connection: { readonly host: string; readonly port: number };
  close(): Promise<void>;
}

const PORT = 5432;
const LOCALHOST = '127.0.0.1';
const RESTART_AFTER_MS = 500;

const folderOf = (dataDir: string): string => join(dataDir, 'pglite');

/** Whether a data folder has an embedded database. */
export const hasEmbedded = (dataDir: string): boolean => existsSync(folderOf(dataDir));

/**
 * Opens the database in `<dataDir>/pglite`, making it if it is not there.
 * @param onFault called when it stopped by itself; it is then started anew, and connections have to be, too
 * @throws Error if another live process has it open
 */
export async function openEmbedded(dataDir: string, onFault: (error: unknown) => void): Promise<Embedded> {
  keptIn(dataDir, () => mkdirSync(dataDir, { recursive: true }));
  const unlock = lockDataDir(dataDir);
  // Only its owner can enter a folder that mkdtemp made, so nobody else reaches the socket.
  const folder = mkdtempSync(join(tmpdir(), 'trade-'));
  const cleanUp = (): void => {
    rmSync(folder, { recursive: true, force: true });
    unlock();
  };
  const socket = join(folder, `.s.PGSQL.${PORT}`);
  let worker: Worker | undefined;
  let port = 0;
  let closed = false;
  let timer: NodeJS.Timeout | undefined;

  const start = async (): Promise<void> => {
    rmSync(socket, { force: true });
    // Windows has no sockets that pg could find in a folder.
    const listen = process.platform === 'win32' ? { host: LOCALHOST, port } : { path: socket };
    const started = new Worker(join(__dirname, 'embedded-worker.js'), {
      workerData: { dataDir: folderOf(dataDir), listen },
    });
    worker = started;
    const place = await new Promise<string>((resolve, reject) => {
      let fault: Error | undefined;
      started.on('error', (error) => (fault = error));
      started.once('message', resolve);
      started.once('exit', (code) => {
        fault ??= new Error(`the thread of the embedded database ended with code ${code}`);
        worker = undefined;
        reject(fault);
        if (port > 0 && !closed) restart(fault);
      });
    });
    port = process.platform === 'win32' ? Number(place.split(':').at(-1)) : PORT;
  };

  const restart = (fault: unknown): void => {
    onFault(fault);
    // A start that fails ends in `exit` as well, which calls this again.
    timer = setTimeout(() => void start().catch(() => undefined), RESTART_AFTER_MS);
  };

  try {
    await start();
  } catch (error) {
    cleanUp();
    throw new Error(`the embedded database in ${dataDir} cannot be opened`, { cause: error });
  }
  return {
    connection: { host: process.platform === 'win32' ? LOCALHOST : folder, port },
    async close() {
      closed = true;
      clearTimeout(timer);
      if (worker) {
        const ended = once(worker, 'exit');
        worker.postMessage('close');
        await ended;
      }
      cleanUp();
    },
  };
}
