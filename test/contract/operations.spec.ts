import { KINDS } from '../../actors/domain/envelope';
import { GROUPS, type GroupName } from '../../actors/domain/events';
import type { Operations, Row } from '../../actors/domain/operations';
import { createDeadLetters } from '../../persistence/dead-letters';
import { countOpenRefunds } from '../../persistence/open-refunds';
import { createOperations } from '../../persistence/operations';
import { createOutbox } from '../../persistence/outbox';
import { countStuck } from '../../persistence/stuck-orders';
import { runSql, writeBooks, type Readers } from '../helpers/books';
import { BOOKS, type TestBooks } from '../helpers/databases';

const NOW = '2030-01-01T12:00:00.000Z';

/** In the database of the group's home. */
const park = (readers: Readers, group: GroupName, tag: string, key: string): Promise<void> =>
  runSql(
    readers,
    `insert into trade_mq_consumer_log
      (msg_id, group_name, msg_tag, msg_key, msg_body, consumer_status, consumer_times, remark)
    values ('m', '${group}', '${tag}', '${key}', '{"orderId":"102","payId":"500"}', 2, 3, 'why')`,
    GROUPS.find(({ name }) => name === group)?.home,
  );

describe.each(BOOKS)('on $name', ({ open }) => {
  let books: TestBooks;
  let readers: Readers;
  let operations: Operations;
  beforeAll(async () => {
    books = await open();
    ({ readers } = books);
    operations = createOperations({
      readers,
      patientReaders: readers,
      deadLetters: books.databases.map(({ reader }) => createDeadLetters(reader)),
      outboxes: books.databases.map(({ reader }) => createOutbox(reader)),
      now: () => NOW,
    });
  }, 60_000);
  beforeEach(() => writeBooks(readers));
  afterAll(() => books.drop());

  const part = (row: Row | undefined, name: string): readonly Row[] => row?.[name] as readonly Row[];

  test('an order is shown with all that belongs to it, ids and money as strings', async () => {
    const order = await operations.order('100');
    expect(order).toMatchObject({ orderId: '100', orderStatus: 1, payAmount: '150.00', couponId: '20' });
    expect(order).not.toHaveProperty('failCode');
    expect(order?.['addTime']).toMatch(/^\d{4}-\d\d-\d\dT.*Z$/);
    expect(part(order, 'stockLog')).toMatchObject([{ goodsId: '1', goodsNumber: -1, logType: 1 }]);
    expect(part(order, 'moneyLog')).toMatchObject([{ useMoney: '30.00' }]);
    expect(part(order, 'couponLog')).toMatchObject([{ couponPrice: '20.00' }]);
    expect(part(order, 'payments')).toMatchObject([
      {
        payId: '500',
        transactions: [{ transactionId: 'T500', amount: '150.00', state: 'booked' }],
        scoreLog: [{ score: 150 }],
        payLog: { orderId: '100' },
      },
    ]);
  });

  test('an order is shown with its lines, one or several, and with what its groups did', async () => {
    expect(part(await operations.order('101'), 'lines')).toMatchObject([{ goodsId: '1' }, { goodsId: '2' }]);
    const { goodsId, goodsNumber, goodsPrice } = (await operations.order('100')) ?? {};
    expect(part(await operations.order('100'), 'lines')).toEqual([
      { orderId: '100', goodsId, goodsNumber, goodsPrice },
    ]);
    expect([goodsId, goodsNumber, goodsPrice]).not.toContain(undefined);
    expect(part(await operations.order('102'), 'inbox')).toMatchObject([
      { groupName: 'order_orderTopic_cancel_goods_group', msgKey: '102:2', consumerStatus: 1 },
    ]);
  });

  test('a payment is shown with its events', async () => {
    await runSql(
      readers,
      `insert into trade_mq_producer_temp (group_name, msg_topic, msg_tag, msg_key, msg_body)
       values ('pay_payTopic_group', 'payTopic', 'pay_refund', 'T500', '{}'), ('g', 'payTopic', 'pay_status', '1', '{}')`,
      'payment',
    );
    const payment = await operations.payment('500');
    expect(payment).toMatchObject({ payId: '500', isPaid: 2, scoreLog: [{ userId: '10', score: 150 }] });
    expect(part(payment, 'outbox')).toMatchObject([{ msgTag: 'pay_refund', msgKey: 'T500' }]);
    expect(part(payment, 'inbox')).toMatchObject([{ groupName: 'pay_payTopic_user_group' }]);
  });

  test('what does not exist, or is no id, is not shown', async () => {
    expect(await operations.order('999')).toBeUndefined();
    expect(await operations.order("1' or true")).toBeUndefined();
    expect(await operations.payment('99999999999999999999')).toBeUndefined();
  });

  test('orders are stuck that are overdue, or whose compensation is not done', async () => {
    const change = (id: number, set: string): Promise<void> =>
      runSql(readers, `update trade_order set ${set} where order_id = ${id}`);
    await change(100, `order_status = 0, next_attempt_time = '2030-01-01T11:58:00Z'`);
    await change(101, `order_status = 0, next_attempt_time = '2030-01-01T11:59:30Z'`);
    await change(102, 'compensation_status = 3');
    await change(105, `order_status = 0, add_time = '2029-12-31T00:00:00Z'`);
    const stuck = await operations.stuckOrders({ limit: 10 });
    expect(stuck.map(({ orderId, state }) => [orderId, state])).toEqual([
      ['100', 'placing overdue'],
      ['102', 'compensation failed'],
      ['105', 'placing overdue'],
    ]);
    expect(await operations.stuckOrders({ limit: 1 })).toHaveLength(1);
    expect(await operations.stuckOrders({ limit: 10, after: '102' })).toMatchObject([{ orderId: '105' }]);
    await change(100, `order_status = 1, pay_status = 0, expire_time = '2030-01-01T11:00:00Z'`);
    expect(await operations.stuckOrders({ limit: 1 })).toMatchObject([
      { orderId: '100', state: 'expiry overdue' },
    ]);
    expect(await countStuck(readers.order, NOW)).toEqual({ placing: 1, unpaid: 1, running: 0, failed: 1 });
  });

  test('a stuck order says why, which groups gave up and which are still at it, and when', async () => {
    await runSql(
      readers,
      `update trade_order set compensation_status = case order_id when 102 then 3 else 1 end, fail_code = 20003
       where order_id in (101, 102)`,
    );
    await park(readers, 'order_orderTopic_cancel_user_group', 'order_cancel', '102');
    await park(readers, 'order_orderTopic_cancel_user_group', 'order_cancel', '1020');
    await park(readers, 'order_orderTopic_cancel_goods_group', 'order_cancel', '102:7');
    await runSql(
      readers,
      `update trade_mq_consumer_log set consumer_times = 2, consumer_timestamp = '2030-01-01T11:59:58Z'
       where msg_key = '102:7'`,
      'goods',
    );
    const [failed, ...others] = await operations.stuckOrders({ limit: 10, compensation: 'failed' });
    expect(others).toEqual([]);
    expect(failed).toMatchObject({
      orderId: '102',
      state: 'compensation failed',
      why: 'SHOP_GOODS_NUM_NOT_ENOUGH',
      gaveUp: [{ group: 'order_orderTopic_cancel_user_group', key: '102', attempts: 3, remark: 'why' }],
      retrying: [{ key: '102:7', attempts: 2, remark: 'why', nextTime: '2030-01-01T12:00:03.000Z' }],
    });
    expect(await operations.stuckOrders({ limit: 10, compensation: 'running' })).toMatchObject([
      { orderId: '101', state: 'compensation running', gaveUp: [], retrying: [] },
    ]);
    expect(await operations.retrying(10)).toMatchObject([
      { key: '102:7', nextTime: expect.any(String) as string },
    ]);
  });

  test('money that has not gone back is listed with its attempts', async () => {
    await runSql(
      readers,
      `update trade_pay_transaction set state = 'requested', reason = 'the order is off' where transaction_id = 'T500'`,
    );
    const group = 'pay_payTopic_refund_group';
    await park(readers, group, 'pay_refund', 'T500');
    await runSql(
      readers,
      `update trade_mq_consumer_log
       set consumer_times = 1, consumer_timestamp = '2030-01-01T11:59:58Z' where group_name = '${group}'`,
      'payment',
    );
    expect(await operations.openRefunds({ limit: 10 })).toMatchObject([
      {
        transactionId: 'T500',
        state: 'requested',
        attempts: 1,
        remark: 'why',
        nextTime: '2030-01-01T11:59:59.000Z',
      },
    ]);
    expect(await operations.openRefunds({ limit: 10, after: 'T500' })).toEqual([]);
    expect([...(await countOpenRefunds(readers.payment))]).toEqual([['requested', 1]]);
  });

  test('dead letters are listed page by page, and re-driven by what names them', async () => {
    await park(readers, 'pay_payTopic_log_group', 'pay_status', '500');
    await park(readers, 'order_orderTopic_cancel_user_group', 'order_cancel', '102');
    const [first, ...none] = await operations.deadLetters(1);
    expect(first).toMatchObject({ group: 'order_orderTopic_cancel_user_group', attempts: 3, remark: 'why' });
    expect(none).toEqual([]);
    const rest = await operations.deadLetters(10, `${first!.group}|${first!.tag}|${first!.key}`);
    expect(rest).toMatchObject([{ key: '500' }]);
    expect(await operations.redrive({ key: '500' })).toBe(1);
    expect(await operations.deadLetters(10)).toHaveLength(1);
    expect(await operations.outbox()).toMatchObject({ unsent: 1, sent: 0, oldestUnsent: NOW });
    expect(await operations.redrive({})).toBe(1);
  });

  test('events that were sent are sent again, all of a topic or those of a key', async () => {
    await runSql(
      readers,
      `insert into trade_mq_producer_temp (group_name, msg_topic, msg_tag, msg_key, msg_body, msg_status, sent_time)
       select 'g', 'payTopic', 'pay_status', key, '{}', 1, now() from unnest(array['1', '2', '3']) key`,
      'payment',
    );
    expect(await operations.replay('orderTopic')).toBe(0);
    expect(await operations.replay('payTopic', '2')).toBe(1);
    expect(await operations.outbox()).toMatchObject({ unsent: 1, sent: 2 });
    expect(await operations.replay('payTopic')).toBe(2);
  });

  test('the audit is at hand, over the connections that have time', async () => {
    const hurried = {
      query: () => Promise.reject(new Error('canceling statement due to statement timeout')),
    };
    const patient = createOperations({
      readers: Object.fromEntries(KINDS.map((kind) => [kind, hurried])) as unknown as Readers,
      patientReaders: readers,
      deadLetters: [],
      outboxes: [],
      now: () => NOW,
    });
    expect(await patient.audit({ adopt: false })).toMatchObject({ clean: true });
  });
});
