// Nodes that share a database and a broker: who may take part, who has what, and how one leaves.
import { Client } from 'pg';
import { startTestNode, type Environment, type TestNode } from '../helpers/node';
import {
  freePort,
  freshDatabase,
  startNats,
  until,
  type FreshDatabase,
  type NatsServer,
} from '../helpers/servers';
import { PHONE, Shop } from '../helpers/shop';

const SHARDS = 64;
const KINDS = 6;

let database: FreshDatabase;
let nats: NatsServer;
let sql: Client;
let shared: Environment;
const nodes: TestNode[] = [];

beforeAll(async () => {
  [database, nats] = await Promise.all([freshDatabase(), startNats()]);
  sql = new Client({ connectionString: database.url });
  await sql.connect();
  shared = {
    DATABASE_URL: database.url,
    NATS_URL: nats.url,
    SANDBOX_PORT: String(await freePort()),
  };
}, 60_000);
afterEach(async () => {
  await Promise.all(nodes.splice(0).map((node) => node.remove()));
}, 60_000);
afterAll(async () => {
  await sql.end();
  await Promise.all([database.drop(), nats.stop()]);
});

async function start(name: string, more: Environment = {}): Promise<TestNode> {
  const node = await startTestNode({ ...shared, NODE_NAME: name, ...more });
  nodes.push(node);
  return node;
}

/** Without the sandbox, which the first node serves. */
const startAnother = (name: string, more: Environment = {}): Promise<TestNode> =>
  start(name, {
    SANDBOX_PORT: '0',
    SANDBOX_URL: `http://127.0.0.1:${shared['SANDBOX_PORT']}`,
    DATA_DIR: nodes[0]?.dataDir ?? '',
    ...more,
  });

/** How many shards of all kinds a node has, as the locks say. */
async function sharesOf(): Promise<Record<string, number>> {
  const { rows } = await sql.query<{ node: string; shards: number }>(
    `select split_part(application_name, ' ', 2) as node, count(*)::int as shards
      from pg_locks join pg_stat_activity using (pid)
      where locktype = 'advisory' and classid between 1 and ${KINDS}
        and database = (select oid from pg_database where datname = current_database()) group by 1`,
  );
  return Object.fromEntries(rows.map(({ node, shards }) => [node, shards]));
}

const share = (nodesThere: number): number => Math.ceil(SHARDS / nodesThere) * KINDS;

test('nodes share the shards evenly, any of them serves any order, and one that stops hands its own over', async () => {
  const first = await start('first');
  expect(await sharesOf()).toEqual({ first: SHARDS * KINDS });
  const second = await startAnother('second');
  await until('the shards to be shared', async () => (await sharesOf())['second'] === share(2));
  expect(await sharesOf()).toEqual({ first: share(2), second: share(2) });

  const [atFirst, atSecond] = [new Shop(first), new Shop(second)];
  const orders = await Promise.all(
    Array.from({ length: 12 }, (_, place) => (place % 2 ? atFirst : atSecond).confirmedOrder([PHONE])),
  );
  for (const orderId of orders) {
    expect((await atFirst.findOrder(orderId)).data).toEqual((await atSecond.findOrder(orderId)).data);
  }

  await second.stop();
  expect(await sharesOf()).toEqual({ first: SHARDS * KINDS });
  const { rows } = await sql.query('select node_name from cluster_node');
  expect(rows).toEqual([{ node_name: 'first' }]);
  await atFirst.confirmedOrder([PHONE]);
  await atFirst.booksAreClean();
}, 90_000);

const refusesConnections = async ({ url }: TestNode): Promise<boolean> =>
  fetch(url, { method: 'HEAD' }).then(
    () => false,
    (error: unknown) => ((error as Error).cause as NodeJS.ErrnoException).code === 'ECONNREFUSED',
  );

test('nodes that are told to stop together answer what is under way first', async () => {
  const patience = { STEP_TIMEOUT: '20s', PLACE_DEADLINE: '25s' };
  const first = await start('first', patience);
  const second = await startAnother('second', patience);
  await until('the shards to be shared', async () => (await sharesOf())['second'] === share(2));
  await sql.query('begin; lock table trade_goods in access exclusive mode');
  const placing = Promise.all([first, second].map((node) => new Shop(node).confirmedOrder([PHONE])));
  placing.catch(() => undefined);
  let stopped: Promise<unknown>;
  try {
    await until('both orders to be half-way', async () => {
      const { rowCount } = await sql.query('select from trade_order where order_status = 0');
      return rowCount === 2;
    });
    stopped = Promise.all([first.stop(), second.stop()]);
    for (const node of [first, second]) await until('it to let nobody in', () => refusesConnections(node));
    expect(await sharesOf()).toEqual({ first: share(2), second: share(2) });
  } finally {
    await sql.query('rollback');
  }
  expect(await placing).toHaveLength(2);
  await stopped;
  expect(await sharesOf()).toEqual({});
}, 90_000);

test('a node that was killed is replaced, and shares again when it is back', async () => {
  const first = await start('first');
  const second = await startAnother('second');
  await until('the shards to be shared', async () => (await sharesOf())['second'] === share(2));
  await second.kill();
  await until('the other has them all', async () => (await sharesOf())['first'] === SHARDS * KINDS);
  await new Shop(first).confirmedOrder([PHONE]);
  await second.restart();
  await until('the shards to be shared', async () => (await sharesOf())['second'] === share(2));
  await new Shop(second).confirmedOrder([PHONE]);
}, 90_000);

test('a node whose name is in use does not start', async () => {
  await start('first');
  await expect(startAnother('first')).rejects.toThrow(
    'a node called first is running already: NODE_NAME must be unique',
  );
}, 90_000);

test('R18: a node of another deployment does not start at the same broker', async () => {
  await start('first');
  const other = await freshDatabase();
  try {
    await expect(startAnother('stranger', { DATABASE_URL: other.url })).rejects.toThrow(
      /the node first at the same broker belongs to deployment .* give each deployment a broker/,
    );
  } finally {
    await other.drop();
  }
}, 90_000);

test('R18: a node with another number of shards does not start', async () => {
  await start('first');
  await expect(startAnother('second', { SHARDS: '32' })).rejects.toThrow(
    'SHARDS is 32, but this data was written with 64',
  );
}, 90_000);

test('without a broker there can be one node only', async () => {
  await start('first');
  await expect(startAnother('second', { NATS_URL: '' })).rejects.toThrow(
    'another node holds shards of this database',
  );
}, 90_000);
