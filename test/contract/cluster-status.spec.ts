// The state of a cluster is what the databases and the broker say, whatever the nodes believe.
import { AckPolicy, connect } from 'nats';
import { Client } from 'pg';
import pino from 'pino';
import { GROUPS, STREAMS } from '../../actors/domain/events';
import { KINDS, type Kind } from '../../actors/domain/envelope';
import { readClusterStatus } from '../../bin/cluster-status';
import { loadConfig, type Config } from '../../bin/config';
import { openDatabase } from '../../persistence/database';
import { joinDeployments } from '../../persistence/deployment';
import { KIND_NUMBERS } from '../../persistence/shard-locks';
import { eventSubject } from '../../transport/subjects';
import { freePort, freshDatabase, startNats, type FreshDatabase, type NatsServer } from '../helpers/servers';

const SHARDS = 8;
const logger = pino({ level: 'silent' });

let fresh: FreshDatabase;
let goods: FreshDatabase;
let nats: NatsServer;
const connections: Client[] = [];

async function found(url: string): Promise<void> {
  const database = await openDatabase({ url, dataDir: '', applicationName: 'test', logger });
  await joinDeployments([database.reader], SHARDS);
  await database.close();
  await as(
    'test',
    url,
    `create table if not exists cluster_node (incarnation text primary key, node_name text not null,
    url text not null, started_time timestamptz not null default now(), heartbeat_time timestamptz not null default now())`,
  );
}

/** A connection as a node has it, kept until the end. */
async function as(application: string, url: string, statement: string): Promise<Client> {
  const client = new Client({ connectionString: url, application_name: application });
  connections.push(client);
  await client.connect();
  await client.query(statement);
  return client;
}

const lock = (kind: Kind, first: number, last: number): string =>
  `select pg_advisory_lock(${KIND_NUMBERS[kind]}, shard) from generate_series(${first}, ${last}) as shard`;

const heartbeat = (incarnation: string, node: string, ageSeconds: number): string =>
  `insert into cluster_node (incarnation, node_name, url, heartbeat_time)
   values ('${incarnation}', '${node}', 'http://${node}', now() - interval '${ageSeconds} seconds')`;

const configOf = (more: Record<string, string> = {}): Config =>
  loadConfig(
    {},
    { DATABASE_URL: fresh.url, GOODS_DATABASE_URL: goods.url, NATS_URL: nats.url, ...more },
    { serving: false, envFile: '/dev/null' },
  );

beforeAll(async () => {
  [fresh, goods, nats] = await Promise.all([freshDatabase(), freshDatabase(), startNats()]);
});

afterAll(async () => {
  await Promise.all(connections.map((client) => client.end()));
  await Promise.all([fresh.drop(), goods.drop(), nats.stop()]);
});

it('refuses a database that no node has ever started on', async () => {
  await expect(readClusterStatus(configOf(), logger)).rejects.toThrow('no node has ever started');
});

it('tells who is there and who holds what, over all databases', async () => {
  await found(fresh.url);
  await found(goods.url);
  await as('trade one aaaaaaaaaaaa', fresh.url, heartbeat('aaaaaaaaaaaa', 'one', 0));
  await as('trade one aaaaaaaaaaaa', fresh.url, lock('order', 0, 4));
  await as('trade one aaaaaaaaaaaa', goods.url, lock('goods', 0, 7));
  await as('trade two bbbbbbbbbbbb', fresh.url, heartbeat('bbbbbbbbbbbb', 'two', 5));
  await as('trade two bbbbbbbbbbbb', fresh.url, lock('order', 5, 5));
  // Its connections went with its process.
  await as('test', fresh.url, heartbeat('cccccccccccc', 'three', 2));
  // It has connections, but nobody has heard of it for long.
  await as('trade four dddddddddddd', fresh.url, heartbeat('dddddddddddd', 'four', 60));
  await as('trade five eeeeeeeeeeee', fresh.url, lock('wallet', 0, 7));
  // Locks for other purposes, and of another database, are no shards of ours.
  await as('trade one aaaaaaaaaaaa', fresh.url, 'select pg_advisory_lock(100, 6), pg_advisory_lock(7)');
  await as('trade one aaaaaaaaaaaa', goods.url, lock('order', 6, 6));

  const { nodes, free } = await readClusterStatus(configOf(), logger);
  expect(nodes).toMatchObject([
    { node: 'five', incarnation: 'eeeeeeeeeeee', state: 'silent', url: undefined, shards: { wallet: 8 } },
    { node: 'four', state: 'gone', shards: {} },
    { node: 'one', url: 'http://one', state: 'up', shards: { order: 5, goods: 8 } },
    { node: 'three', state: 'gone', shards: {} },
    { node: 'two', incarnation: 'bbbbbbbbbbbb', state: 'late', shards: { order: 1 } },
  ]);
  const all = Array.from({ length: SHARDS }, (_, shard) => shard);
  expect(free).toEqual({ order: [6, 7], payment: all, coupon: all, 'pay-log': all });
  expect(KINDS.filter((kind) => !(kind in free))).toEqual(['goods', 'wallet']);
});

it('counts what waits to be sent and what was given up, over all databases', async () => {
  for (const { url } of [fresh, goods]) {
    await as(
      'test',
      url,
      `insert into trade_mq_producer_temp (group_name, msg_topic, msg_tag, msg_key, msg_body, msg_status)
      values ('g', 'payTopic', 'pay_status', '1', '{}', 0), ('g', 'payTopic', 'pay_status', '2', '{}', 1)`,
    );
    await as(
      'test',
      url,
      `insert into trade_mq_consumer_log (msg_id, group_name, msg_tag, msg_key, consumer_status, consumer_times)
      values ('m', 'pay_payTopic_user_group', 'pay_status', '1', 2, 3)`,
    );
  }
  expect(await readClusterStatus(configOf(), logger)).toMatchObject({
    outbox: { unsent: 2, sent: 2 },
    deadLetters: 2,
  });
});

it('tells the figures of streams and groups, and says which of them is not there', async () => {
  const connection = await connect({ servers: nats.url });
  const manager = await connection.jetstreamManager();
  await manager.streams.add({ name: 'payTopic', subjects: ['payTopic.>'] });
  const group = GROUPS.find((one) => one.name === 'pay_payTopic_user_group');
  await manager.consumers.add('payTopic', {
    durable_name: group?.name ?? '',
    filter_subject: eventSubject('payTopic', 'pay_status'),
    ack_policy: AckPolicy.Explicit,
  });
  const jetstream = connection.jetstream();
  for (const body of ['1', '2', '3']) await jetstream.publish(eventSubject('payTopic', 'pay_status'), body);
  const consumer = await jetstream.consumers.get('payTopic', group?.name ?? '');
  await consumer.next();

  const { broker } = await readClusterStatus(configOf(), logger);
  await connection.close();
  if (typeof broker === 'string') throw new Error(broker);
  expect(broker.streams.map(({ stream }) => stream)).toEqual(STREAMS);
  expect(broker.streams).toMatchObject([
    { state: expect.stringContaining('stream not found') },
    { messages: 3, replicas: 1, leader: undefined, state: 'ok' },
  ]);
  expect(broker.groups.map((one) => one.group)).toEqual(GROUPS.map(({ name }) => name));
  expect(broker.groups.find((one) => one.group === group?.name)).toMatchObject({
    pending: 2,
    ackPending: 1,
    redelivered: 0,
    state: 'ok',
  });
});

it('still tells of the nodes when the broker is away', async () => {
  const status = await readClusterStatus(configOf({ NATS_URL: `127.0.0.1:${await freePort()}` }), logger);
  expect(status.broker).toContain('CONNECTION_REFUSED');
  expect(status.nodes.length).toBeGreaterThan(0);
});

it('fails with the place when a database is away', async () => {
  const port = await freePort();
  const config = configOf({ GOODS_DATABASE_URL: `postgres://shop:secret@127.0.0.1:${port}/goods` });
  await expect(readClusterStatus(config, logger)).rejects.toThrow(
    `the database (127.0.0.1:${port}/goods) cannot be opened`,
  );
});
