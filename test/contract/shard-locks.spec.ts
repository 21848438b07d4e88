// The locks of the shards, and the ability to write, live and die with one connection (R9).
import pino from 'pino';
import type { NodeIdentity, ShardLocks } from '../../actors/domain/ports/ownership';
import { openDatabase, type Database } from '../../persistence/database';
import type { HeldSession } from '../../persistence/held-session';
import { applicationNameOf, createNodeRow } from '../../persistence/node-row';
import { createShardLocks } from '../../persistence/shard-locks';
import { lockBoth } from '../../supervisors/joint-locks';
import { freshDatabase, until, type FreshDatabase } from '../helpers/servers';

const STALE_MS = 5_000;
const logger = pino({ level: 'silent' });
const sql = (text: string) => ({ name: '', text });

interface Node {
  readonly self: NodeIdentity;
  readonly database: Database;
  readonly session: HeldSession;
  readonly locks: ShardLocks;
  readonly lost: jest.Mock;
}

let fresh: FreshDatabase;
let one: Node;
let two: Node;
beforeEach(async () => {
  fresh = await freshDatabase();
  one = await openNode('one');
  two = await openNode('two');
});
afterEach(async () => {
  await Promise.all([one, two].map(({ database }) => database.close()));
  await fresh.drop();
});

async function openNode(name: string): Promise<Node> {
  const self = { name, incarnation: `${name}-1`, startedMs: 0, url: 'http://127.0.0.1:3000' };
  const applicationName = applicationNameOf(self);
  const database = await openDatabase({ url: fresh.url, dataDir: '', applicationName, logger });
  const lost = jest.fn();
  const session = await database.openSession('order', { onLost: lost });
  await createNodeRow(await database.openSession('sign of life'), self).beat();
  const locks = createShardLocks({ kind: 'order', session, reader: database.reader, staleMs: STALE_MS });
  return { self, database, session, locks, lost };
}

const run = (text: string) => two.database.reader.query(sql(text), []);
const age = ({ self }: Node, ms: number) =>
  run(`update cluster_node set heartbeat_time = clock_timestamp() - interval '${ms} milliseconds'
    where incarnation = '${self.incarnation}'`);

test('R9: of two nodes one gets a shard, until it lets go', async () => {
  expect([...(await one.locks.take([0, 1, 2]))].sort()).toEqual([0, 1, 2]);
  expect(await two.locks.take([2, 3])).toEqual([3]);
  await one.locks.release([2]);
  expect(await two.locks.take([2])).toEqual([2]);
});

test('R9: kinds are locked apart', async () => {
  await one.locks.take([1]);
  const goods = await two.database.openSession('goods');
  expect(
    await createShardLocks({
      kind: 'goods',
      session: goods,
      reader: two.database.reader,
      staleMs: STALE_MS,
    }).take([1]),
  ).toEqual([1]);
});

test('R9: a shard that is not locked cannot be unlocked unnoticed', async () => {
  await one.locks.take([1]);
  await expect(one.locks.release([1, 2])).rejects.toThrow('of 2 shards, some were not locked');
});

test('R9: a stale owner loses its connection to the fence, and cannot write on it', async () => {
  await one.locks.take([1]);
  await age(one, STALE_MS + 1);
  const underWay = one.session.query(sql('select pg_sleep(20)'), []);
  const ended = expect(underWay).rejects.toMatchObject({ code: '57P01' });
  expect(await two.locks.fence([1], [two.self.incarnation])).toEqual(['one']);
  await ended;
  await until('the stale owner knows', () => one.lost.mock.calls.length > 0);
  await until('the shard is free', async () => (await two.locks.take([1])).length === 1);
  await until('the stale owner is connected again', () => one.session.isReady());
  expect(await one.locks.take([1])).toEqual([]);
});

test('R9: it takes two witnesses', async () => {
  await one.locks.take([1]);
  const { incarnation } = two.self;
  expect(await two.locks.fence([1], [incarnation])).toEqual([]);
  await age(one, STALE_MS + 1);
  expect(await two.locks.fence([1], [incarnation, one.self.incarnation])).toEqual([]);
  await age(one, 0);
  expect(await two.locks.fence([1], [incarnation])).toEqual([]);
  expect(one.lost).not.toHaveBeenCalled();
});

test('R9: only the connections that hold the shards in question are ended', async () => {
  await one.locks.take([1]);
  await age(one, STALE_MS + 1);
  expect(await two.locks.fence([2], [two.self.incarnation])).toEqual([]);
  expect(await one.locks.take([2])).toEqual([2]);
});

test('a connection that is dropped takes its locks along, and is made again without them', async () => {
  await one.locks.take([1]);
  one.locks.drop();
  await until('the connection is lost', () => one.lost.mock.calls.length > 0);
  await until('the shard is free', async () => (await two.locks.take([1])).length === 1);
  await until('it is connected again', () => one.session.isReady());
  expect(await one.locks.take([1, 2])).toEqual([2]);
});

describe('with joint commits', () => {
  /** The locks of goods on two connections of a node: the kind's own, and that of its joint commits. */
  async function withJoint({ database }: Node) {
    const session = await database.openSession('goods');
    const joint = await database.openSession('joint commits');
    const parts = { kind: 'goods' as const, reader: database.reader, staleMs: STALE_MS };
    const own = createShardLocks({ ...parts, session });
    return {
      session,
      joint,
      locks: lockBoth(own, createShardLocks({ ...parts, session: joint, isJoint: true })),
    };
  }

  test('R9: a shard is taken when it is locked on both connections, and half of it is given back', async () => {
    const first = await withJoint(one);
    const second = await withJoint(two);
    await second.joint.query(sql('select pg_advisory_lock(13, 2)'), []);
    expect(await first.locks.take([1, 2])).toEqual([1]);
    await second.joint.query(sql('select pg_advisory_unlock(13, 2)'), []);
    expect(await second.locks.take([1, 2])).toEqual([2]);
    await first.locks.release([1]);
    expect(await second.locks.take([1])).toEqual([1]);
  });

  test('R9: a stale owner loses both connections to the fence', async () => {
    const { locks, session, joint } = await withJoint(one);
    const successor = await withJoint(two);
    await locks.take([1]);
    await age(one, STALE_MS + 1_000);
    expect(await successor.locks.take([1])).toEqual([]);
    expect(await successor.locks.fence([1], [])).toEqual(['one']);
    await until('both connections to be gone', () => !session.isReady() && !joint.isReady());
    await until('the shard to be free', async () => (await successor.locks.take([1])).length === 1);
  });

  test('R9: with one of them gone the shard is not free until the other is, too', async () => {
    const { locks, session, joint } = await withJoint(one);
    const successor = await withJoint(two);
    await locks.take([1]);
    session.drop();
    await until('the connection to be gone', () => !session.isReady());
    expect(await successor.locks.take([1])).toEqual([]);
    joint.drop();
    await until('the shard to be free', async () => (await successor.locks.take([1])).length === 1);
  });

  test('both are dropped together', async () => {
    const { locks, session, joint } = await withJoint(one);
    locks.drop();
    await until('both connections to be gone', () => !session.isReady() && !joint.isReady());
  });
});
