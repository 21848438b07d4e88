// A PostgreSQL server, for tests that need one of their own: it trusts everyone on this machine.
import * as local from '../../bin/local-servers/postgres';

export type { PostgresServer } from '../../bin/local-servers/postgres';
export type PostgresOptions = Pick<local.PostgresOptions, 'port' | 'dataDir' | 'settings'>;

/** Starts a database server on 127.0.0.1 and waits until it answers; global-setup.ts has looked for the programs. */
export const startPostgres = (options: PostgresOptions = {}): Promise<local.PostgresServer> =>
  local.startPostgres({ ...options, bin: process.env['TEST_POSTGRES_BIN'], forTrial: true });
