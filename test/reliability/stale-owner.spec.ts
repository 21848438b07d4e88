// A node that is stopped in the middle of a write, and runs on when another has long taken over, changes nothing: its
// connection was ended, and the statement with it (R9). Then it is a member like any other again.
import { KIND_NUMBERS } from '../../persistence/shard-locks';
import { shardOf } from '../../supervisors/shard';
import { Client } from 'pg';
import { must, Shop } from '../helpers/shop';
import { until } from '../helpers/until';
import { Cluster } from './cluster';

jest.setTimeout(90_000);

const SHARDS = 64;
const STOCK = 100;
const PIECES = 3;

let cluster: Cluster;

beforeAll(async () => {
  cluster = await Cluster.start();
}, 90_000);

afterAll(() => cluster.stop());

const shardsOf = async (node: string): Promise<number> => (await cluster.shardsByNode()).get(node) ?? 0;

/** Statements of this node that wait for a row that somebody else has locked. */
const waiting = async (node: string): Promise<number> => {
  const [row] = await cluster.sql<{ waiting: number }>(
    `select count(*)::int as waiting from pg_stat_activity
     where application_name like $1 and state = 'active' and wait_event_type = 'Lock'`,
    [`trade ${node} %`],
  );
  return row?.waiting ?? 0;
};

it('a stale owner cannot commit, and is a healthy member afterwards', async () => {
  const goods = { ...(await cluster.shop.createGoods('10.00', STOCK)), goodsNumber: PIECES };
  const shard = shardOf(goods.goodsId, SHARDS);
  const holder = (): Promise<string | undefined> => cluster.holderOf(KIND_NUMBERS.goods, shard);
  // The nodes may still be sharing out what the last of them to start is given.
  await until('the shard to have an owner', async () => (await holder()) !== undefined);
  const owner = (await holder()) ?? '';
  const stale = cluster.named(owner);
  const others = cluster.nodes.filter((node) => node !== stale);
  const [elsewhere] = others.map((node) => new Shop(node));
  if (!elsewhere) throw new Error('there is no other node');

  const obstacle = new Client({ connectionString: stale.env['DATABASE_URL'] ?? '' });
  await obstacle.connect();
  await obstacle.query('begin');
  await obstacle.query('select from trade_goods where goods_id = $1 for update', [goods.goodsId]);
  const first = elsewhere.placeOrder([goods], { key: 'while it is stopped' });
  await until('the flush to wait in the database', async () => (await waiting(owner)) > 0);
  process.kill(stale.pid(), 'SIGSTOP');

  await until(
    'another node to hold the shard',
    async () => ![undefined, owner].includes(await holder()),
    30_000,
  );
  expect(await waiting(owner)).toBe(0);
  const [row] = await cluster.sql<{ stock: number }>(
    'select goods_number as stock from trade_goods where goods_id = $1',
    [goods.goodsId],
  );
  expect(row?.stock).toBe(STOCK);
  await obstacle.query('rollback');
  await obstacle.end();
  await elsewhere.confirmedOrder([goods], { key: 'after the take-over' });

  process.kill(stale.pid(), 'SIGCONT');
  await until('the old owner to hold shards again', async () => (await shardsOf(owner)) > 0, 30_000);
  const answer = await first;
  await until('the first order to be confirmed', async () => {
    const { data } = await elsewhere.findOrder(answer.data['orderId']);
    return data['orderStatus'] === 1;
  });
  await new Shop(stale).confirmedOrder([goods], { key: 'at the old owner' });
  expect(
    must(await new Shop(stale).placeOrder([goods], { key: 'while it is stopped' })).data['orderId'],
  ).toBe(answer.data['orderId']);
  expect(await elsewhere.stock(goods.goodsId)).toBe(STOCK - 3 * PIECES);
  await cluster.shop.booksAreClean(30_000);
  expect(stale.running()).toBe(true);
});
