// What goes through whole tables has an hour; what orders and payments wait for has half a minute.
import { Client } from 'pg';
import pino from 'pino';
import { poolOf } from '../../persistence/data-source';
import { openDatabase, type Database } from '../../persistence/database';
import { openPatientConnections } from '../../persistence/patient-connections';
import type { Queryable } from '../../persistence/session';
import { DATABASES } from '../helpers/databases';
import { freshDatabase, until, type FreshDatabase } from '../helpers/servers';

const logger = pino({ level: 'silent' });

const settingOf = async (reader: Queryable, setting: string): Promise<string | undefined> => {
  const statement = { name: '', text: 'select current_setting($1) as taken' };
  return (await reader.query<{ taken: string }>(statement, [setting]))[0]?.taken;
};

test.each(DATABASES)(
  'on $name the audit has more time than all others',
  async ({ name, open }) => {
    const database = await open();
    const { reader, patientReader } = database;
    const limits = await Promise.all(
      [reader, patientReader].map((one) => settingOf(one, 'statement_timeout')),
    );
    // Nobody limits the embedded one.
    expect(limits).toEqual(name === 'PostgreSQL' ? ['30s', '1h'] : ['0', '0']);
    await database.drop();
  },
  60_000,
);

describe('on a server', () => {
  let fresh: FreshDatabase;
  let observer: Client;
  beforeEach(async () => {
    fresh = await freshDatabase();
    observer = new Client({ connectionString: fresh.url });
    await observer.connect();
  });
  afterEach(async () => {
    await observer.end();
    await fresh.drop();
  });
  const open = (): Promise<Database> =>
    openDatabase({ url: fresh.url, dataDir: '', applicationName: 'patient', logger });

  test('migrations have as much', async () => {
    await observer.query(`
      create table seen (taken text);
      create function see() returns event_trigger language plpgsql
        as $$ begin insert into seen values (current_setting('statement_timeout')); end $$;
      create event trigger see on ddl_command_start execute function see()`);
    await (await open()).close();
    const { rows } = await observer.query('select distinct taken from seen');
    expect(rows).toEqual([{ taken: '1h' }]);
  });

  test('the audit reads tables as they lie, and is planned for what it finds', async () => {
    const database = await openDatabase({ url: fresh.url, dataDir: '', applicationName: 'patient', logger });
    const settings = (reader: Queryable) =>
      Promise.all(['enable_seqscan', 'plan_cache_mode'].map((setting) => settingOf(reader, setting)));
    expect(await settings(database.patientReader)).toEqual(['on', 'auto']);
    expect(await settings(database.reader)).toEqual(['off', 'force_generic_plan']);
    await database.close();
  });

  test('the client waits longer than the server lets a statement run', async () => {
    const patient = await openPatientConnections({
      connection: { url: fresh.url },
      applicationName: 'patient',
      onIdleFault: () => undefined,
    });
    const { statement_timeout: server, query_timeout: client } = poolOf(patient.dataSource).options;
    expect(client).toBeGreaterThan(Number(server));
    await patient.close(patient.reader);
  });

  test('a database that is closed does not wait for them, nor does the server go on with them', async () => {
    const database = await open();
    const audit = database.patientReader.query({ name: '', text: 'select pg_sleep(300)' }, []);
    const failed = expect(audit).rejects.toThrow('the database cannot do it now');
    const running = `select 1 from pg_stat_activity where datname = current_database() and query like '%pg_sleep(300)'
      and state = 'active'`;
    await until('it runs', async () => (await observer.query(running)).rowCount === 1);
    await database.close();
    await failed;
    await until('it runs no more', async () => (await observer.query(running)).rowCount === 0);
  });
});
