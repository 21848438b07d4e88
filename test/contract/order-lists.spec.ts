import { KINDS, type Kind } from '../../actors/domain/envelope';
import type { Catalogue } from '../../actors/domain/operations';
import type { OrderIndex } from '../../actors/domain/ports/order-index';
import { createCatalogue } from '../../persistence/catalogue';
import { createOrderIndex } from '../../persistence/order-index';
import type { Queryable } from '../../persistence/session';
import { DATABASES, type TestDatabase } from '../helpers/databases';

const NOW = '2026-03-04T05:00:00.000Z';
const PAST = '2026-03-04T04:00:00.000Z';
const FUTURE = '2026-03-04T06:00:00.000Z';

describe.each(DATABASES)('what is read past the actors on $name', ({ open }) => {
  let database: TestDatabase;
  let index: OrderIndex;
  let catalogue: Catalogue;
  const run = (text: string, values: unknown[] = []) => database.reader.query({ name: '', text }, values);
  beforeAll(async () => {
    database = await open();
    index = createOrderIndex(database.reader);
    catalogue = createCatalogue(
      Object.fromEntries(KINDS.map((kind) => [kind, database.reader])) as Record<Kind, Queryable>,
    );
  }, 60_000);
  afterAll(() => database.drop());
  beforeEach(() => run('truncate trade_order, trade_order_goods, trade_goods, trade_coupon, trade_user'));

  const addOrder = (
    orderId: string,
    {
      user = '1',
      status = 0,
      paid = 0,
      payId = null as string | null,
      next = null as string | null,
      expires = null as string | null,
      shard = 0,
    },
  ) =>
    run(
      `insert into trade_order (order_id, user_id, order_status, pay_status, pay_id, goods_id, goods_number,
          goods_price, goods_amount, shipping_fee, order_amount, next_attempt_time, expire_time, add_time, shard)
        values ($1, $2, $3, $4, $5, 7, 1, 5, 5, 10, 15, $6, $7, $8, $9)`,
      [orderId, user, status, paid, payId, next, expires, PAST, shard],
    );

  test('orders half-way are found when their next attempt is due', async () => {
    await addOrder('1', { next: NOW });
    await addOrder('2', { next: PAST });
    await addOrder('3', { next: FUTURE });
    await addOrder('4', { status: 1, next: PAST });
    // Written by plain SQL, with the domain's own columns only.
    await addOrder('5', {});
    await addOrder('6', { next: FUTURE, shard: 7 });
    await addOrder('8', { next: PAST, shard: 8 });
    const due = new Map([
      [0, NOW],
      [7, FUTURE],
    ]);
    const found = async (after: string, limit: number) =>
      (await index.unfinished(due, { after, limit })).map(({ orderId }) => orderId);
    expect(await found('0', 10)).toEqual(['1', '2', '5', '6']);
    expect(await found('1', 2)).toEqual(['2', '5']);
    await run('update trade_order set attempts = 3 where order_id = $1', ['2']);
    expect(await index.unfinished(due, { after: '1', limit: 1 })).toEqual([{ orderId: '2', attempts: 3 }]);
  });

  test('unpaid orders are found when their time is over, with the payment that is open', async () => {
    await addOrder('1', { status: 1, expires: NOW });
    await addOrder('2', { status: 1, paid: 1, payId: '8999999999999999999', expires: PAST });
    await addOrder('3', { status: 1, paid: 2, payId: '6', expires: PAST });
    await addOrder('4', { status: 1, expires: FUTURE });
    await addOrder('5', { status: 2, expires: PAST });
    await addOrder('6', { status: 1 });
    await addOrder('7', { status: 1, expires: PAST, shard: 1 });
    await addOrder('8', { status: 1, paid: 1, payId: '7', expires: PAST, shard: 2 });
    const expired = (paying: boolean, after = '0', limit = 10) =>
      index.expired([0, 2], NOW, paying, { after, limit });
    expect(await expired(false)).toEqual([{ orderId: '1', payId: undefined }]);
    const paying = [
      { orderId: '2', payId: '8999999999999999999' },
      { orderId: '8', payId: '7' },
    ];
    expect(await expired(true)).toEqual(paying);
    expect(await expired(true, '0', 1)).toEqual(paying.slice(0, 1));
    expect(await expired(true, '2')).toEqual(paying.slice(1));
  });

  test('orders whose compensation has failed are found by id, with their goods', async () => {
    for (const orderId of ['9', '10', '11', '12']) await addOrder(orderId, { status: 2 });
    await run('update trade_order set compensation_status = case order_id when 11 then 1 else 3 end');
    await run(
      `insert into trade_order_goods (order_id, goods_id, goods_number, goods_price) values (10, 70, 1, 5), (10, 8, 1, 5)`,
    );
    expect(await index.failedCompensations('0', 2)).toEqual([
      { orderId: '9', goodsIds: ['7'] },
      { orderId: '10', goodsIds: ['8', '70'] },
    ]);
    expect(await index.failedCompensations('10', 2)).toEqual([{ orderId: '12', goodsIds: ['7'] }]);
  });

  test('goods are listed in pages', async () => {
    await run(`insert into trade_goods (goods_id, goods_name, goods_number, goods_price, add_time)
      values (9007199254740993, 'pen', 3, '2.50', '${NOW}'), (5, 'cup', 0, 200, '${NOW}')`);
    const [first, ...none] = await catalogue.goods({ limit: 1 });
    expect(first).toEqual({
      goodsId: '5',
      goodsName: 'cup',
      goodsNumber: 0,
      goodsPrice: '200.00',
      goodsDesc: '',
      addTime: NOW,
    });
    expect(none).toEqual([]);
    expect(await catalogue.goods({ limit: 5, after: '5' })).toEqual([
      expect.objectContaining({ goodsId: '9007199254740993', goodsPrice: '2.50' }),
    ]);
    expect(await catalogue.goods({ limit: 5, after: '9007199254740993' })).toEqual([]);
  });

  test("a customer's coupons and orders are listed, and nobody else's", async () => {
    await run(
      'insert into trade_coupon (coupon_id, coupon_price, user_id) values (1, 5, 1), (2, 6, 2), (3, 7, 1)',
    );
    const coupons = await catalogue.coupons('1', { limit: 5 });
    expect(coupons.map((coupon) => [coupon['couponId'], coupon['couponPrice'], coupon['isUsed']])).toEqual([
      ['1', '5.00', 0],
      ['3', '7.00', 0],
    ]);
    await addOrder('1', {});
    await addOrder('2', { user: '2' });
    await addOrder('3', {});
    const orders = await catalogue.orders('1', { limit: 5, after: '1' });
    expect(orders.map((order) => [order['orderId'], order['orderAmount']])).toEqual([['3', '15.00']]);
  });

  test('an empty column is null in a list, as it is where one entity is asked for', async () => {
    await run('insert into trade_coupon (coupon_id, coupon_price, user_id) values (1, 5, 1)');
    expect(await catalogue.coupons('1', { limit: 5 })).toEqual([
      { couponId: '1', couponPrice: '5.00', userId: '1', orderId: null, isUsed: 0, usedTime: null },
    ]);
    await addOrder('1', {});
    expect(await catalogue.orders('1', { limit: 5 })).toMatchObject([
      { orderId: '1', confirmTime: null, payTime: null, failCode: null },
    ]);
  });

  test('what has the id 0 is listed first', async () => {
    await run(
      `insert into trade_goods (goods_id, goods_name, goods_number, goods_price) values (0, 'pen', 3, 1)`,
    );
    await run('insert into trade_coupon (coupon_id, coupon_price, user_id) values (0, 5, 0)');
    await addOrder('0', { user: '0' });
    expect(await catalogue.goods({ limit: 5 })).toMatchObject([{ goodsId: '0' }]);
    expect(await catalogue.coupons('0', { limit: 5 })).toMatchObject([{ couponId: '0' }]);
    expect(await catalogue.orders('0', { limit: 5 })).toMatchObject([{ orderId: '0' }]);
    expect(await catalogue.orders('0', { limit: 5, after: '0' })).toEqual([]);
  });

  test('a password hash is there for users who have one', async () => {
    await run(
      `insert into trade_user (user_id, user_name, user_password) values (1, 'Li', 'hash'), (2, 'Wu', '')`,
    );
    expect(await catalogue.passwordHash('1')).toBe('hash');
    expect(await catalogue.passwordHash('2')).toBeUndefined();
    expect(await catalogue.passwordHash('3')).toBeUndefined();
  });
});
