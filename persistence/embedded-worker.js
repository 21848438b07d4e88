// PGlite in a thread of its own, so that its WebAssembly does not hold up the event loop of the node. It is
// plain JavaScript because a worker starts from a file, compiled or not.
'use strict';
const { parentPort, workerData } = require('node:worker_threads');
const { PGlite } = require('@electric-sql/pglite');
const { PGLiteSocketServer } = require('@electric-sql/pglite-socket');

async function main() {
  const db = await PGlite.create({ dataDir: workerData.dataDir });
  const server = new PGLiteSocketServer({ db, ...workerData.listen });
  await server.start();
  parentPort.once('message', async () => {
    await server.stop();
    await db.close();
    parentPort.postMessage('closed');
  });
  parentPort.postMessage('listening');
}

main().catch((error) => {
  throw error;
});
