// A database per kind, in every run of the tests: each row lies with its kind and nowhere else, and what operators do
// reaches all databases. `npm run test:per-kind` runs all the other tests so.
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { KINDS } from '../../actors/domain/envelope';
import { kindOf, TABLES } from '../helpers/kind-tables';
import { startTestNode, type TestNode } from '../helpers/node';
import { freshBooks, NodeBooks, type FreshBooks } from '../helpers/node-books';
import { startNats, type NatsServer } from '../helpers/servers';
import { PHONE, rows, Shop, USER, type Data } from '../helpers/shop';
import { until } from '../helpers/until';

jest.setTimeout(60_000);

let fresh: FreshBooks;
let nats: NatsServer;
let node: TestNode;
let shop: Shop;
let sql: NodeBooks;

beforeAll(async () => {
  [fresh, nats] = await Promise.all([freshBooks(undefined, true), startNats()]);
  node = await startTestNode({ ...fresh.env, NATS_URL: nats.url });
  shop = new Shop(node);
  sql = await NodeBooks.open(node.env);
}, 90_000);

afterAll(async () => {
  await sql.end();
  await node.remove();
  await Promise.all([fresh.drop(), nats.stop()]);
});

const trade = async (...args: string[]): Promise<Data> => {
  const program = join(__dirname, '..', '..', 'dist', 'bin', 'trade.js');
  const { stdout } = await promisify(execFile)(process.execPath, [program, ...args, '--json'], {
    env: node.env,
  });
  return JSON.parse(stdout) as Data;
};

it('has five databases', () => {
  expect(new Set(Object.values(fresh.env)).size).toBe(5);
});

it('keeps each row with its kind', async () => {
  const couponId = await shop.issueCoupon('20.00');
  const orderId = await shop.confirmedOrder([PHONE], { couponId, moneyPaid: '10.00' });
  await shop.paidOrder(orderId);
  await shop.cancelOrder(await shop.confirmedOrder([PHONE]));
  await shop.booksAreClean();
  for (const table of TABLES.filter((name) => !name.startsWith('trade_mq_'))) {
    const own = (await sql.query<{ count: number }>(`select count(*)::int from ${table}`)).rows[0]?.count;
    const all = await sql.everywhere<{ count: number }>(`select count(*)::int from ${table}`);
    expect([table, all.reduce((sum, { count }) => sum + count, 0)]).toEqual([table, own]);
  }
  for (const table of [
    'trade_order',
    'trade_pay',
    'trade_pay_log',
    'trade_goods_number_log',
    'trade_coupon_log',
  ])
    expect((await sql.query(`select from ${table} limit 1`)).rowCount).toBe(1);
});

it('shows an order out of all of them, and audits them', async () => {
  const orderId = await shop.confirmedOrder([PHONE], { moneyPaid: '10.00' });
  const payId = await shop.paidOrder(orderId);
  await shop.booksAreClean();
  const order = await trade('orders', 'show', orderId);
  for (const part of ['stockLog', 'moneyLog', 'payments']) expect(rows(order, part)).toHaveLength(1);
  const payment = await trade('payments', 'show', payId);
  expect(payment).toMatchObject({ payLog: { orderId } });
  expect(rows(payment, 'inbox').map((row) => row['groupName'])).toHaveLength(3);
  expect(await trade('audit')).toMatchObject({ clean: true });
  expect(await trade('outbox', 'show')).toMatchObject({ unsent: 0, sent: 0 });
});

it('re-drives a dead letter of one database whose outbox row is in another', async () => {
  const ledger = 'trade_user_money_log';
  const orderId = await shop.confirmedOrder([PHONE], { moneyPaid: '7.00' });
  const before = await shop.balance();
  await sql.query(
    `create function refuse_it() returns trigger language plpgsql as $$ begin raise exception 'no'; end $$`,
    [],
    kindOf(ledger),
  );
  await sql.query(
    `create trigger obstacle before insert on ${ledger} for each row
     when (new.money_log_type = 2 and new.user_id = ${USER}) execute function refuse_it()`,
  );
  await shop.cancelOrder(orderId);
  await until('the event to be parked', async () => (await shop.deadLetters()).length > 0, 30_000);
  await sql.query(`drop trigger obstacle on ${ledger}`);
  expect(await trade('dead-letters', 'redrive', '--all')).toMatchObject({ redriven: 1 });
  await shop.booksAreClean(30_000);
  expect(Number(await shop.balance())).toBe(Number(before) + 7);
  expect((await shop.findOrder(orderId)).data['compensationStatus']).toBe(2);
});

it('names every kind', () => {
  const kinds = new Set(TABLES.filter((name) => !name.startsWith('trade_mq_')).map(kindOf));
  expect(kinds).toEqual(new Set(KINDS));
});
