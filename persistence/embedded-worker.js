// PGlite in a thread of its own, so that its WebAssembly does not hold up the event loop of the node. It is
// plain JavaScript because a worker starts from a file, compiled or not.
'use strict';
const { setImmediate } = require('node:timers');
const { parentPort, workerData } = require('node:worker_threads');
const { PGlite } = require('@electric-sql/pglite');
const { PGLiteSocketServer } = require('@electric-sql/pglite-socket');

async function main() {
  const db = await PGlite.create({ dataDir: workerData.dataDir });
  const execute = db.execProtocolRawStream.bind(db);
  db.execProtocolRawStream = (...message) => execute(...message).catch(fail);
  const server = new PGLiteSocketServer({ db, ...workerData.listen });
  await server.start();
  parentPort.once('message', async () => {
    await server.stop();
    await db.close();
    process.exit(0);
  });
  parentPort.postMessage(server.getServerConn());
}

/**
 * Errors of SQL are answers, so this is a fault of PGlite itself. After one the socket server would keep its
 * clients waiting for ever: the thread ends instead, and is started anew.
 */
function fail(error) {
  setImmediate(() => {
    throw error;
  });
  throw error;
}

main()
  .catch(fail)
  .catch(() => undefined);
