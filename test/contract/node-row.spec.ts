// A node's row in a database: there while the node is, and for as long as it may hold something.
import pino from 'pino';
import type { NodeIdentity, NodeRow } from '../../actors/domain/ports/ownership';
import { openDatabase, type Database } from '../../persistence/database';
import type { HeldSession } from '../../persistence/held-session';
import { applicationNameOf, createNodeRow } from '../../persistence/node-row';
import { freshDatabase, until, type FreshDatabase } from '../helpers/servers';

const logger = pino({ level: 'silent' });
const BRIDGE = 'http://127.0.0.1:3000';

let fresh: FreshDatabase;
let database: Database;
beforeAll(async () => {
  fresh = await freshDatabase();
  database = await openDatabase({ url: fresh.url, dataDir: '', applicationName: 'test', logger });
});
afterAll(async () => {
  await database.close();
  await fresh.drop();
});
beforeEach(() => run('truncate cluster_node'));
afterEach(async () => {
  for (const session of opened.splice(0)) await session.close();
});

const run = <Row>(text: string) => database.reader.query<Row>({ name: '', text }, []);
const nodes = async (): Promise<string[]> =>
  (await run<{ incarnation: string }>('select incarnation from cluster_node order by 1')).map(
    ({ incarnation }) => incarnation,
  );
const identity = (name: string, incarnation: string): NodeIdentity => ({
  name,
  incarnation,
  startedMs: 0,
  url: BRIDGE,
});
const opened: HeldSession[] = [];
async function rowOf(self: NodeIdentity, of = database): Promise<NodeRow> {
  const session = await of.openSession('sign of life');
  opened.push(session);
  return createNodeRow(session, self);
}

test('is made by the first beat, and young again with each', async () => {
  const row = await rowOf(identity('a', 'a1'));
  await row.beat();
  await run(`update cluster_node set heartbeat_time = now() - interval '1 hour'`);
  await row.beat();
  expect(
    await run(`select incarnation, node_name, url, started_time <= heartbeat_time as later,
      heartbeat_time > now() - interval '1 minute' as young from cluster_node`),
  ).toEqual([{ incarnation: 'a1', node_name: 'a', url: BRIDGE, later: true, young: true }]);
});

test('goes when its node leaves, and no other', async () => {
  const [row, again, other] = [
    await rowOf(identity('a', 'a1')),
    await rowOf(identity('a', 'a2')),
    await rowOf(identity('b', 'b1')),
  ];
  for (const one of [row, again, other]) await one.beat();
  await row.leave();
  expect(await nodes()).toEqual(['a2', 'b1']);
});

test('is there again with the beat after its connection was dropped', async () => {
  const row = await rowOf(identity('a', 'a1'));
  await row.beat();
  await run('truncate cluster_node');
  row.drop();
  await until('a beat comes through', () => row.beat().then(() => true));
  expect(await nodes()).toEqual(['a1']);
});

test('goes a day after its node died, when the next one starts', async () => {
  await run(`insert into cluster_node (incarnation, node_name, url, heartbeat_time) values
    ('old', 'old', '', now() - interval '25 hours'), ('dead', 'dead', '', now() - interval '23 hours')`);
  await (await rowOf(identity('a', 'a1'))).beat();
  expect(await nodes()).toEqual(['a1', 'dead']);
});

test('R9: stays while its node is connected, or it could not be fenced any more', async () => {
  const self = identity('hung', 'hung1');
  const applicationName = applicationNameOf(self);
  const own = await openDatabase({ url: fresh.url, dataDir: '', applicationName, logger });
  await (await rowOf(self, own)).beat();
  await run(`update cluster_node set heartbeat_time = now() - interval '2 days'`);
  await (await rowOf(identity('a', 'a1'))).beat();
  expect(await nodes()).toEqual(['a1', 'hung1']);
  await Promise.all(opened.splice(0).map((session) => session.close()));
  await own.close();
  const isGone = `select from pg_stat_activity where application_name = '${applicationName}'`;
  await until('its connections to be gone', async () => (await run(isGone)).length === 0);
  await (await rowOf(identity('b', 'b1'))).beat();
  expect(await nodes()).toEqual(['a1', 'b1']);
});
