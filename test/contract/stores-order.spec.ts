// Orders in the database: a row changes only at the version that was read, and whatever it says to the outside
// is there exactly when it changed (R4, R15).
import { id, type GoodsId, type OrderId, type UserId } from '../../actors/domain/ids';
import { money } from '../../actors/domain/money';
import { orderDecider, type OrderFact } from '../../actors/domain/order';
import { eventsOfOrder } from '../../actors/domain/order-events';
import type { Order } from '../../actors/domain/order-state';
import type { OutboxRow } from '../../actors/domain/ports/outbox';
import { GroupCommit } from '../../persistence/group-commit';
import type { Queryable } from '../../persistence/session';
import { createOrderStore } from '../../persistence/stores/order';
import { DATABASES, type TestDatabase } from '../helpers/databases';
import { classicOrder, type Place } from '../helpers/orders';
import { claimOf, NOW, onBothDatabases, runSql, stagingOf } from './stores-world';

const entries = stagingOf<Order, OrderFact>(orderDecider);
const orderId = (number: number): OrderId => id(`90071992547409${number}`);
const LATER = '2026-01-01T00:00:05.070Z';

const LINES = [
  { goodsId: id<GoodsId>('7'), quantity: 3, price: money('0.5') },
  { goodsId: id<GoodsId>('9007199254740993'), quantity: 1_000_000, price: money('10') },
] as const;

/** Two kinds of goods, with whatever is hard to write. */
const twoLines = (changes: Partial<Place> = {}): Place =>
  classicOrder({
    orderId: orderId(93),
    lines: LINES,
    orderAmount: money('10000001.50'),
    address: 'a "b" {c}, \\d null\n郑州',
    consignee: "O'Neil",
    requestKey: 'a:b "c" \\ {},',
    requestHash: '{"x":1}',
    at: '2026-01-01T00:00:00.007Z',
    ...changes,
  });

const placed = (command: Place, inbox?: ReturnType<typeof claimOf>) => {
  const decision = orderDecider.decide(command, undefined, undefined);
  if (decision.kind !== 'accept') throw new Error(`the order is refused: ${JSON.stringify(decision)}`);
  return entries(command.orderId, undefined, { facts: decision.facts, ...(inbox ? { inbox } : {}) })[0]!;
};

const changed = (before: Order | undefined, ...facts: OrderFact[]) =>
  entries(before?.orderId ?? '', before, { facts })[0]!;

const CONFIRMED: OrderFact = {
  type: 'OrderConfirmed',
  couponPaid: money('20'),
  payAmount: money('4780'),
  at: LATER,
};
const CANCELLED: OrderFact = { type: 'OrderEnded', status: 2, code: 'SHOP_ORDER_CANCELLED' };

const storeOn = (queryable: Queryable, onEvents: (rows: readonly OutboxRow[]) => void = () => undefined) =>
  createOrderStore({
    writer: queryable,
    reader: queryable,
    now: () => NOW,
    shardOf: () => 17,
    eventsOf: (fact, order) => eventsOfOrder(fact, order, true),
    onEvents,
  });

onBothDatabases((database) => {
  const announced: OutboxRow[] = [];
  const store = () => storeOn(database(), (rows) => announced.push(...rows));
  const find = async (number: string, recordKey?: string) =>
    (await store().load([{ id: number, ...(recordKey === undefined ? {} : { recordKey }) }]))[0]!;
  const place = async (command: Place): Promise<Order> => {
    const entry = placed(command);
    expect(await store().write([entry])).toEqual(['applied']);
    return entry.after!;
  };
  const rowsOf = <Row>(text: string) => runSql<Row>(database(), text);
  const counts = async () =>
    (
      await rowsOf(`select (select count(*)::int from trade_order) as orders,
        (select count(*)::int from trade_order_goods) as lines,
        (select count(*)::int from trade_mq_producer_temp) as events,
        (select count(*)::int from trade_mq_consumer_log) as claims`)
    )[0];

  beforeEach(() => {
    announced.length = 0;
  });

  it('loads what it wrote, whatever happens to an order', async () => {
    const histories: OrderFact[][] = [
      [
        { type: 'AttemptBegun', attempts: 2, nextAttemptTime: LATER },
        CONFIRMED,
        { type: 'PaymentOpened', payId: id('8999999999999999999') },
        { type: 'PaymentClosed' },
        { type: 'PaymentOpened', payId: id('9007199254740995') },
        { type: 'OrderPaid', payId: id('9007199254740995'), at: LATER },
        { type: 'OrderShipped' },
        { type: 'OrderRefunded' },
        { type: 'CompensationFinished', failed: false },
      ],
      [
        { type: 'OrderConfirmed', couponPaid: money('0'), payAmount: money('0'), at: LATER },
        CANCELLED,
        { type: 'CompensationFinished', failed: true },
      ],
      [{ type: 'OrderEnded', status: 3, code: 'SHOP_GOODS_PRICE_INVALID' }],
    ];
    for (const [place_, facts] of histories.entries()) {
      const command = place_ === 0 ? twoLines() : classicOrder({ orderId: orderId(place_) });
      let order: Order | undefined = await place(command);
      expect((await find(order.orderId)).state).toEqual(order);
      for (const fact of facts) {
        const entry = changed(order, fact);
        expect(await store().write([entry])).toEqual(['applied']);
        order = entry.after;
        expect((await find(command.orderId)).state).toEqual(order);
      }
    }
  });

  it('keeps the figures of SCHEMA in the columns', async () => {
    const order = await place(twoLines());
    await store().write([changed(order, CANCELLED)]);
    const [row] = await rowsOf(
      `select order_id, goods_id, goods_number, goods_price, goods_amount, order_status, shard, version, fail_code,
        attempts, compensation_status, request_key from trade_order`,
    );
    expect(row).toEqual({
      order_id: '9007199254740993',
      goods_id: '7',
      goods_number: 3,
      goods_price: '0.50',
      goods_amount: '10000001.50',
      order_status: 2,
      shard: 17,
      version: 2,
      fail_code: 10009,
      attempts: 1,
      compensation_status: 1,
      request_key: 'a:b "c" \\ {},',
    });
    expect(
      await rowsOf('select goods_id, goods_number, goods_price from trade_order_goods order by goods_id'),
    ).toEqual([
      { goods_id: '7', goods_number: 3, goods_price: '0.50' },
      { goods_id: '9007199254740993', goods_number: 1_000_000, goods_price: '10.00' },
    ]);
  });

  it('reads an order that plain SQL wrote with the columns of the domain alone', async () => {
    await rowsOf(`insert into trade_order (order_id, user_id, goods_id, goods_number, goods_price, goods_amount,
      shipping_fee, order_amount) values (5, 6, 7, 2, 3, 6, 10, 16)`);
    expect((await find('5')).state).toMatchObject({
      lines: [{ goodsId: '7', quantity: 2, price: '3.00' }],
      version: 1,
      requestHash: '',
      requestKey: undefined,
      expireTime: '9999-12-31T00:00:00.000Z',
    });
  });

  it('R4, fault 7: changes an order only at the version that was read, and says nothing otherwise', async () => {
    const order = await place(classicOrder());
    const confirm = { ...changed(order, CONFIRMED), inbox: claimOf('1') };
    const cancel = { ...changed(order, CANCELLED), inbox: claimOf('2') };
    expect(await store().write([confirm])).toEqual(['applied']);
    expect(await store().write([cancel])).toEqual(['conflict']);
    expect(await store().write([confirm])).toEqual(['conflict']);
    expect((await find(order.orderId)).state).toEqual(confirm.after);
    expect(await rowsOf('select msg_tag as tag from trade_mq_producer_temp')).toEqual([
      { tag: 'order_confirm' },
    ]);
    expect(
      await rowsOf('select msg_key as key, consumer_status as status from trade_mq_consumer_log'),
    ).toEqual([{ key: '1', status: 1 }]);
  });

  it('R4: changes no order that is not there', async () => {
    const order = placed(classicOrder()).after;
    expect(await store().write([changed(order, CONFIRMED)])).toEqual(['conflict']);
    expect(await counts()).toEqual({ orders: 0, lines: 0, events: 0, claims: 0 });
  });

  it('R12: announces the very rows that it committed', async () => {
    const order = await place(classicOrder());
    await store().write([changed(order, CONFIRMED, CANCELLED)]);
    const rows = await rowsOf<{ id: string; msg_body: string }>(
      'select id, group_name, msg_topic, msg_tag, msg_key, msg_body, msg_status from trade_mq_producer_temp',
    );
    const announcedRows = announced.map((row) => ({
      id: row.id,
      group_name: row.event.producerGroup,
      msg_topic: row.event.topic,
      msg_tag: row.event.tag,
      msg_key: row.event.key,
      msg_body: JSON.stringify(row.event.body),
      msg_status: 0,
    }));
    const byId = (left: { id: string }, right: { id: string }): number => Number(left.id) - Number(right.id);
    expect(announcedRows.sort(byId)).toEqual(rows.sort(byId));
    expect(announced.map(({ event }) => event.tag).sort()).toEqual(['order_cancel', 'order_confirm']);
    expect(announced.every(({ createTime, replayed }) => createTime === NOW && !replayed)).toBe(true);
  });

  it('R15: a second pre-order of the same user and request key leaves nothing', async () => {
    await place(twoLines());
    const second = placed(twoLines({ orderId: orderId(94) }), claimOf('94'));
    expect(await store().write([second])).toEqual(['conflict']);
    expect(await counts()).toEqual({ orders: 1, lines: 2, events: 0, claims: 0 });
    // Another user, or no key at all, is in nobody's way.
    const userId = id<UserId>('1');
    await place(twoLines({ orderId: orderId(95), userId }));
    await place(classicOrder({ orderId: orderId(96) }));
    await place(classicOrder({ orderId: orderId(97) }));
  });

  it('R15: of two pre-orders of one key in one flush, one stands', async () => {
    const both = [placed(twoLines()), placed(twoLines({ orderId: orderId(94) }))];
    expect([...(await store().write(both))].sort()).toEqual(['applied', 'conflict']);
    expect(await counts()).toMatchObject({ orders: 1, lines: 2 });
  });

  it('R15: finds the order that stands under a key', async () => {
    const command = twoLines();
    await place(command);
    await place(classicOrder({ orderId: orderId(95), requestKey: 'other', requestHash: 'o' }));
    const key = (name: string): string => `${command.userId}:${name}`;
    const found = await store().load([
      { id: orderId(99), recordKey: key('other') },
      { id: orderId(98), recordKey: key('none') },
      { id: command.orderId, recordKey: key(command.requestKey!) },
      { id: orderId(98) },
    ]);
    expect(found.map(({ state, recorded }) => [state?.orderId, recorded])).toEqual([
      [undefined, { orderId: orderId(95), requestHash: 'o' }],
      [undefined, undefined],
      [command.orderId, { orderId: command.orderId, requestHash: '{"x":1}' }],
      [undefined, undefined],
    ]);
  });

  it('tells the fate of every entry of a mixed flush', async () => {
    const first = await place(classicOrder({ orderId: orderId(11) }));
    const second = await place(classicOrder({ orderId: orderId(12) }));
    const stale = changed(second, CONFIRMED);
    await store().write([changed(second, { type: 'AttemptBegun', attempts: 2, nextAttemptTime: LATER })]);
    const fates = await store().write([
      placed(twoLines({ orderId: orderId(13) })),
      { ...changed(first, CONFIRMED), inbox: claimOf('effect') },
      { ...stale, inbox: claimOf('no effect') },
      { ...entries(orderId(14), undefined, { facts: [] })[0]!, inbox: claimOf('nothing to do') },
      placed(classicOrder({ orderId: orderId(11) })),
      placed(classicOrder({ orderId: orderId(15) })),
    ]);
    expect(fates).toEqual(['applied', 'applied', 'conflict', 'applied', 'applied', 'applied']);
    expect(announced.map(({ event }) => event.key)).toEqual([orderId(11)]);
    expect(await counts()).toEqual({ orders: 4, lines: 2, events: 1, claims: 2 });
    expect(await rowsOf('select msg_key as key from trade_mq_consumer_log order by 1')).toEqual([
      { key: 'effect' },
      { key: 'nothing to do' },
    ]);
  });

  it('R11: a consumption that failed before is done with its effect, and what is done stays as it is', async () => {
    await rowsOf(`insert into trade_mq_consumer_log (msg_id, group_name, msg_tag, msg_key, consumer_status,
        consumer_times, remark) values
      ('a', 'some_group', 'order_cancel', 'failed', 2, 2, 'why'), ('b', 'some_group', 'order_cancel', 'done', 1, 2, '')`);
    const claim = (key: string) => ({
      ...entries('1', undefined, { facts: [] })[0]!,
      inbox: claimOf(key, 'x\0'),
    });
    expect(await store().write([claim('failed'), claim('done'), claim('new\0')])).toEqual(
      Array(3).fill('applied'),
    );
    expect(
      await rowsOf(`select msg_id, msg_key, consumer_status as status, consumer_times as times, remark
        from trade_mq_consumer_log order by msg_key`),
    ).toEqual([
      { msg_id: 'b', msg_key: 'done', status: 1, times: 2, remark: '' },
      { msg_id: 'a', msg_key: 'failed', status: 1, times: 2, remark: '' },
      { msg_id: 'order_cancel:new\uFFFD', msg_key: 'new\uFFFD', status: 1, times: 1, remark: '' },
    ]);
  });

  it('R7: an empty flush writes nothing', async () => {
    expect(await store().write([])).toEqual([]);
    expect(await store().write(entries('1', undefined, { facts: [] }))).toEqual(['applied']);
    expect(await counts()).toEqual({ orders: 0, lines: 0, events: 0, claims: 0 });
  });

  it('R5: the changes of one order, and the repeats of one consumption, are kept apart', () => {
    const entry = { ...placed(classicOrder()), inbox: claimOf('1') };
    expect(store().conflictKeys(entry)).toEqual([entry.id, 'inbox:some_group:order_cancel:1']);
    expect(store().conflictKeys({ ...entry, facts: [] })).toEqual(store().conflictKeys(entry));
    expect(store().conflictKeys({ ...entry, facts: [], inbox: undefined })).toEqual([]);
  });

  it('R11: a consumption that was built on a change is not recorded without it', async () => {
    const order = await place(classicOrder());
    await store().write([changed(order, CANCELLED)]);
    const committer = new GroupCommit(
      store(),
      { monotonicMs: () => 0 },
      { batchSize: 10, freshForMs: 1, termOf: () => 1, isProven: () => true },
    );
    const confirm = changed(order, CONFIRMED);
    const told = [confirm, { ...confirm, facts: [], before: confirm.after, inbox: claimOf('1') }].map(
      (entry) => new Promise((resolve) => committer.stage(entry, resolve)),
    );
    expect(await Promise.all(told)).toEqual([{ settled: 'conflict' }, { settled: 'withdrawn' }]);
    expect(await counts()).toMatchObject({ claims: 0 });
  });
});

describe('two nodes at once', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await DATABASES.find(({ name }) => name === 'PostgreSQL')!.open();
  });
  afterAll(() => database.drop());

  it('R15: that are sent the same keys make one order of each, and do not deadlock', async () => {
    const sessions = [await database.openSession('one'), await database.openSession('other')];
    const keys = Array.from({ length: 40 }, (_, place) => `key ${place}`);
    for (let round = 0; round < 10; round += 1) {
      const batchOf = (node: number) =>
        (node === 0 ? keys : [...keys].reverse()).map((key, place) =>
          placed(
            classicOrder({
              orderId: id(`${1 + round}${node}${1000 + place}`),
              requestKey: `${round} ${key}`,
            }),
          ),
        );
      const fates = await Promise.all(sessions.map((session, node) => storeOn(session).write(batchOf(node))));
      expect(fates.flat().filter((fate) => fate === 'applied')).toHaveLength(keys.length);
    }
    await Promise.all(sessions.map((session) => session.close()));
  });
});
