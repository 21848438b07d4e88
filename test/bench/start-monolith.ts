// The monolith as a process of its own, gone with ours.
import { join } from 'node:path';
import { launch } from '../../bin/local-servers/launch';
import { onAPort } from '../helpers/free-port';
import { Scratch } from '../helpers/server-scratch';
import type { Ground } from './ground';
import type { Subject } from './subject';

const PROGRAM = join(__dirname, 'monolith', 'main.js');

/** @param databaseUrl where its tables are */
export async function startMonolithProcess(ground: Ground, databaseUrl: string): Promise<Subject> {
  const scratch = Scratch.open('monolith');
  const { server, port } = await onAPort(undefined, (port) =>
    launch(scratch, {
      command: process.execPath,
      args: [PROGRAM],
      signals: ['SIGTERM'],
      env: { PORT: String(port), DATABASE_URL: databaseUrl, DATA_DIR: ground.dataDir },
      ready: async () => (await fetch(`http://127.0.0.1:${port}/readyz`)).ok,
    }),
  );
  const { pid: postgres } = await ground.postgres();
  return {
    ports: [port],
    application: [server.pid],
    processes: {
      monolith: [server.pid],
      ...(postgres === undefined ? {} : { PostgreSQL: [postgres] }),
    },
    // Nothing follows its answers.
    settle: () => Promise.resolve(),
    stop: async () => {
      await server.stop();
      scratch.release();
    },
  };
}
