// deploy/init-database.sh on a real server: the nodes' role is no superuser, owns its database, and can make the tables.
// Where psql is not installed this is skipped, and the test report says so.
import { execFileSync, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { Client } from 'pg';
import pino from 'pino';
import { openDatabase } from '../../persistence/database';
import { startPostgres } from '../helpers/servers';

const SCRIPT = join(__dirname, '..', '..', 'deploy', 'init-database.sh');
const installed = spawnSync('psql', ['--version']).status === 0;

(installed ? it : it.skip)('the database is made for a role with few rights (needs psql)', async () => {
  const server = await startPostgres();
  try {
    const environment = { PGHOST: '127.0.0.1', PGPORT: String(server.port), POSTGRES_USER: 'postgres' };
    const password = "it's 1 secret";
    execFileSync('sh', [SCRIPT], {
      env: { ...process.env, ...environment, TRADE_DATABASE_PASSWORD: password },
    });
    const url = `postgres://trade@127.0.0.1:${server.port}/trade`;
    const database = await openDatabase({
      url,
      dataDir: '',
      applicationName: 'test',
      logger: pino({ level: 'silent' }),
    });
    await database.close();
    const client = new Client({ connectionString: url });
    await client.connect();
    const rights = 'select rolsuper, rolcreatedb, rolcreaterole from pg_roles where rolname = current_user';
    expect((await client.query(rights)).rows).toEqual([
      { rolsuper: false, rolcreatedb: false, rolcreaterole: false },
    ]);
    await client.end();
    const admin = new Client({ connectionString: server.url });
    await admin.connect();
    const { rows } = await admin.query(`select rolpassword from pg_authid where rolname = 'trade'`);
    expect(rows).toEqual([{ rolpassword: expect.stringMatching(/^SCRAM-SHA-256/) }]);
    await admin.end();
  } finally {
    await server.stop();
  }
});
