// A participant that throws, stays silent or is killed ends the order with everything as it was, and harms nobody
// else's: one poisoned write never fails its neighbours in the same batch (R6, R10).
import { BACKENDS, type TestNode } from '../helpers/node';
import { kindOf } from '../helpers/kind-tables';
import { NodeBooks } from '../helpers/node-books';
import { expectRefused, orderBody, PHONE, Shop, USER, type OrderLine, type Reply } from '../helpers/shop';
import { until } from '../helpers/until';

jest.setTimeout(60_000);

let node: TestNode;
let shop: Shop;
let sql: NodeBooks;

beforeAll(async () => {
  const real = BACKENDS.find((backend) => backend.real) as (typeof BACKENDS)[number];
  node = await real.open({ STEP_TIMEOUT: '500ms' });
  shop = new Shop(node);
  sql = await NodeBooks.open(node.env);
}, 60_000);

afterAll(async () => {
  await sql.end();
  await node.remove();
});

/** While `run` runs, the ledger does this to rows that fit the condition. */
async function obstructed<Result>(
  ledger: string,
  condition: string,
  deed: string,
  run: () => Promise<Result>,
): Promise<Result> {
  await sql.query(
    `create function obstruct() returns trigger language plpgsql as $$ begin ${deed}; return new; end $$`,
    [],
    kindOf(ledger),
  );
  await sql.query(
    `create trigger obstacle before insert on ${ledger} for each row when (${condition}) execute function obstruct()`,
  );
  try {
    return await run();
  } finally {
    await sql.query(`drop trigger obstacle on ${ledger}`);
    await sql.query('drop function obstruct()', [], kindOf(ledger));
  }
}

const attemptsOf = async (reply: Reply): Promise<unknown> =>
  (await shop.orderBooks(reply.data['orderId']))['attempts'];

/** An order that takes from all three, and what they had before it. */
async function classic() {
  const couponId = await shop.issueCoupon('20.00');
  const figures = async () => ({
    stock: await shop.stock(PHONE.goodsId),
    balance: await shop.balance(),
    isUsed: (await shop.coupon(couponId))['isUsed'],
  });
  const before = await figures();
  return {
    couponId,
    place: () => shop.placeOrder([PHONE], { couponId, moneyPaid: '5.00' }),
    expectAsBefore: async () => {
      await shop.booksAreClean();
      expect(await figures()).toEqual(before);
    },
  };
}

it.each([
  [
    'goods',
    'trade_goods_number_log',
    `new.goods_id = ${PHONE.goodsId} and new.log_type = 1`,
    'SHOP_REDUCE_GOODS_NUM_FAIL',
  ],
  ['coupon', 'trade_coupon_log', 'new.log_type = 1', 'SHOP_COUPON_USE_FAIL'],
  [
    'wallet',
    'trade_user_money_log',
    `new.user_id = ${USER} and new.money_log_type = 1`,
    'SHOP_USER_MONEY_REDUCE_FAIL',
  ],
] as const)('a %s that throws three times', async (_kind, ledger, condition, code) => {
  const order = await classic();
  const placed = await obstructed(
    ledger,
    `${condition} and new.order_id > 0`,
    `raise exception 'out of order'`,
    order.place,
  );
  expectRefused(placed, code);
  expect(placed.data).toMatchObject({ orderStatus: 2, failName: code });
  expect(await attemptsOf(placed)).toBe(3);
  await order.expectAsBefore();
});

it('a coupon that stays silent three times', async () => {
  const order = await classic();
  const placed = await obstructed('trade_coupon_log', 'new.log_type = 1', 'perform pg_sleep(5)', order.place);
  expectRefused(placed, 'SHOP_COUPON_USE_FAIL');
  expect(await attemptsOf(placed)).toBe(3);
  await order.expectAsBefore();
});

it('a coupon whose row somebody else holds keeps no other order waiting', async () => {
  const order = await classic();
  await sql.query('begin', [], 'coupon');
  await sql.query('select from trade_coupon where coupon_id = $1 for update', [order.couponId]);
  let isOver = false;
  const held = order.place().finally(() => (isOver = true));
  await until('the order that needs it to be half-way', async () => {
    const halfWay = await sql.query('select from trade_order where order_status = 0 and coupon_id = $1', [
      order.couponId,
    ]);
    return halfWay.rowCount === 1;
  });
  expect((await shop.placeOrder([PHONE])).data).toMatchObject({ orderStatus: 1 });
  expect(isOver).toBe(false);
  await sql.query('rollback', [], 'coupon');
  await held;
  await shop.booksAreClean();
});

it('a wallet that stays silent once is asked again, and takes the money once', async () => {
  const order = await classic();
  const balance = Number(await shop.balance());
  const placed = await obstructed(
    'trade_user_money_log',
    `new.user_id = ${USER}`,
    'perform pg_sleep(0.8)',
    order.place,
  );
  expect(placed.data).toMatchObject({ orderStatus: 1, moneyPaid: '5.00' });
  expect(await attemptsOf(placed)).toBeGreaterThan(1);
  expect(Number(await shop.balance())).toBe(balance - 5);
  await shop.booksAreClean();
});

it('participants that are killed with their node give everything back or have given it', async () => {
  const order = await classic();
  const key = 'killed in the middle';
  const place = () =>
    shop.request('POST', '/order', {
      token: node.token(USER),
      body: orderBody([PHONE], { couponId: order.couponId, moneyPaid: '5.00' }),
      headers: { 'idempotency-key': key },
    });
  await obstructed('trade_coupon_log', 'new.log_type = 1', 'perform pg_sleep(30)', async () => {
    const cutOff = place().catch(() => undefined);
    await until('the stock to be taken', async () => {
      const [order] = (
        await sql.query<{ order_id: string }>('select order_id from trade_order where request_key = $1', [
          key,
        ])
      ).rows;
      const taken = 'select from trade_goods_number_log where order_id = $1';
      return order !== undefined && (await sql.query(taken, [order.order_id])).rowCount === 1;
    });
    await node.kill();
    await cutOff;
    await sql.everywhere(
      `select pg_terminate_backend(pid) from pg_stat_activity
       where datname = current_database() and application_name like 'trade %'`,
    );
  });
  await node.restart();
  const placed = await place();
  expect(placed.data).toMatchObject({ orderStatus: 1, couponPaid: '20.00' });
  await shop.cancelOrder(placed.data['orderId']);
  await order.expectAsBefore();
});

it('one poisoned write among many is refused alone', async () => {
  const lines: OrderLine[] = [];
  // One after the other: operators have few places, and must not keep each other out.
  while (lines.length < 20) lines.push(await shop.createGoods('150.00', 10));
  const poisoned = lines[7] as OrderLine;
  const placed = await obstructed(
    'trade_goods_number_log',
    `new.goods_id = ${poisoned.goodsId} and new.log_type = 1`,
    `raise exception 'poisoned'`,
    () => Promise.all([...lines, ...lines].map((line) => shop.placeOrder([line]))),
  );
  const statuses = placed.map((reply) => reply.data['orderStatus']);
  expect(statuses).toEqual([...lines, ...lines].map((line) => (line === poisoned ? 2 : 1)));
  await shop.booksAreClean();
  expect(await shop.stock(poisoned.goodsId)).toBe(10);
});
