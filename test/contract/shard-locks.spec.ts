// The locks of the shards, and the ability to write, live and die with one connection.
import pino from 'pino';
import { openDatabase, type Database } from '../../persistence/database';
import type { HeldSession } from '../../persistence/held-session';
import { lockShards } from '../../persistence/shard-locks';
import { SoleOwnership } from '../../supervisors/sole-ownership';
import { freshDatabase, until, type FreshDatabase } from '../helpers/servers';

const SHARDS = 8;
const logger = pino({ level: 'silent' });
const sql = (text: string) => ({ name: '', text });

let fresh: FreshDatabase;
let nodes: Database[];
beforeEach(async () => {
  fresh = await freshDatabase();
  const open = (applicationName: string) =>
    openDatabase({ url: fresh.url, dataDir: '', applicationName, logger });
  nodes = [await open('one'), await open('two')];
});
afterEach(async () => {
  await Promise.all(nodes.map((node) => node.close()));
  await fresh.drop();
});

const hold = (place: number, ownership: SoleOwnership): Promise<HeldSession> => {
  const node = nodes[place];
  if (!node) throw new Error('there are two nodes');
  return node.openSession('order', {
    prepare: (session) => lockShards(session, 'order', SHARDS),
    onReady: () => ownership.gain('order'),
    onLost: () => ownership.lose('order'),
  });
};

test('R9: nobody else gets a shard while its holder lives, and whoever lost it knows', async () => {
  const [first, second] = [new SoleOwnership('one'), new SoleOwnership('two')];
  const lost = jest.fn();
  first.onLost(lost);
  const holder = await hold(0, first);
  expect(first.holds('order')).toBe(true);
  const [row] = await holder.query<{ pid: number }>(sql('select pg_backend_pid() as pid'), []);
  await expect(
    nodes[1]?.openSession('probe').then((session) => lockShards(session, 'order', SHARDS)),
  ).rejects.toThrow('another node holds 8 of the 8 shards of order');

  const successor = hold(1, second);
  await nodes[1]?.reader.query(sql('select pg_terminate_backend($1::int)'), [row?.pid]);
  await until('the holder knows', () => lost.mock.calls.length > 0);
  expect(lost).toHaveBeenCalledWith('order');
  await holder.close();
  await (await successor).close();
  expect([first.holds('order'), second.holds('order')]).toEqual([false, true]);
});

test('R9: kinds are locked apart, and each shard once a connection', async () => {
  const holder = await hold(0, new SoleOwnership('one'));
  const other = await nodes[1]?.openSession('goods');
  if (!other) throw new Error('it is open');
  await lockShards(other, 'goods', SHARDS);
  const [row] = await holder.query<{ locks: number }>(
    sql(`select count(*)::int as locks from pg_locks where locktype = 'advisory' and pid = pg_backend_pid()`),
    [],
  );
  expect(row?.locks).toBe(SHARDS);
  await other.close();
  await holder.close();
});
