// A connection keeps the plan of a statement from its first use on, for batches of any size and tables of any size.
// The worst time to be planned is while the tables are known to be empty: even then nothing may go through a whole one.
import { KINDS, type Kind } from '../../actors/domain/envelope';
import { id, type OrderId, type PayId } from '../../actors/domain/ids';
import { money } from '../../actors/domain/money';
import { orderDecider } from '../../actors/domain/order';
import { paymentDecider } from '../../actors/domain/payment';
import type { Store, StoreEntry } from '../../actors/domain/ports/store';
import { createCatalogue } from '../../persistence/catalogue';
import { createDeadLetters } from '../../persistence/dead-letters';
import { createInbox } from '../../persistence/inbox';
import { countOpenRefunds, listOpenRefunds } from '../../persistence/open-refunds';
import * as queries from '../../persistence/operation-queries';
import { createOrderIndex } from '../../persistence/order-index';
import { createOutbox } from '../../persistence/outbox';
import { combine } from '../../persistence/combined-statement';
import type { Queryable } from '../../persistence/session';
import { countStuck, listStuck } from '../../persistence/stuck-orders';
import { createBookingStore } from '../../persistence/stores/booking';
import { createCouponStore } from '../../persistence/stores/coupon';
import { createGoodsStore } from '../../persistence/stores/goods';
import { createJointStore } from '../../persistence/stores/joint';
import { createOrderStore } from '../../persistence/stores/order';
import { createPayLogStore } from '../../persistence/stores/pay-log';
import { createPaymentStore } from '../../persistence/stores/payment';
import { createWalletStore } from '../../persistence/stores/wallet';
import { DATABASES, type TestDatabase } from '../helpers/databases';
import { AT, classicOrder } from '../helpers/orders';
import { noting, wholeScansOf, type Noted } from './kept-plans';
import { claimOf, NOW, runSql } from './stores-world';

const orderId = id<OrderId>('1');
const payId = id<PayId>('2');
const inbox = claimOf('1');
const loads = [{ id: '1' }, { id: '2', recordKey: '3:4' }];

async function use<State, Fact>(
  store: Store<State, Fact, unknown>,
  ...flushes: readonly Omit<StoreEntry<State, Fact>, 'id'>[]
): Promise<void> {
  await store.load(loads);
  for (const entry of flushes) await store.write([{ id: '1', ...entry }]);
}

/** Uses everything that is run for an order or a payment. */
async function useStores(noted: Noted): Promise<void> {
  const queryable = noting(noted);
  const parts = {
    writer: queryable,
    reader: queryable,
    now: () => NOW,
    shardOf: () => 0,
    onEvents: () => undefined,
    eventsOf: () => [],
  };
  const none = { before: undefined, after: undefined };
  const decided = orderDecider.decide(classicOrder(), undefined, undefined);
  const order = decided.kind === 'accept' ? orderDecider.evolve(undefined, decided.facts[0]!) : undefined;
  await use(createOrderStore(parts), {
    facts: [{ type: 'PaymentClosed' }],
    before: order,
    after: order,
    inbox,
  });
  const entry = { id: '1', facts: [], before: order, after: order };
  await createJointStore(parts).write([{ ...entry, steps: [] }]);
  const opened = paymentDecider.decide(
    { type: 'CreatePayment', payId, orderId, amount: money('5'), provider: 'sandbox', at: AT },
    undefined,
    undefined,
  );
  const payment = opened.kind === 'accept' ? paymentDecider.evolve(undefined, opened.facts[0]!) : undefined;
  await use(createPaymentStore(parts), {
    facts: [{ type: 'PaymentClosed', at: AT }],
    before: payment,
    after: payment,
    inbox,
  });
  await createBookingStore(parts).write([{ id: '1', facts: [], before: payment, after: payment, steps: [] }]);
  await use(
    createGoodsStore(parts),
    { facts: [{ type: 'StockTaken', orderId, quantity: 1 }], ...none },
    { facts: [{ type: 'StockGivenBack', orderId, quantity: 1 }], ...none, inbox },
  );
  await use(
    createWalletStore(parts),
    { facts: [{ type: 'MoneyTaken', orderId, amount: money('1') }], ...none },
    { facts: [{ type: 'PointsAdded', payId, points: 1 }], ...none, inbox },
  );
  await use(
    createCouponStore(parts),
    { facts: [{ type: 'CouponUsed', orderId, price: money('1'), at: AT }], ...none },
    { facts: [{ type: 'CouponGivenBack', orderId, used: true }], ...none, inbox },
  );
  await createInbox(queryable).states('group', 'tag', ['1']);
  const orders = createOrderIndex(queryable);
  await orders.unfinished(new Map([[0, NOW]]), { after: '0', limit: 1 });
  await orders.expired([0], NOW, true, { after: '0', limit: 1 });
  const outbox = createOutbox(queryable);
  await outbox.markSent(['1'], NOW);
  await outbox.remove(['1']);
  await use(createPayLogStore(parts), {
    facts: [{ type: 'PayLogged', payId, orderId, amount: money('5') }],
    ...none,
    inbox,
  });
}

/** Uses all that customers and operators look at. */
async function useLists(noted: Noted): Promise<void> {
  const queryable = noting(noted);
  const readers = Object.fromEntries(KINDS.map((kind) => [kind, queryable])) as Record<Kind, Queryable>;
  const page = { limit: 1 };
  const catalogue = createCatalogue(readers);
  await catalogue.goods(page);
  await catalogue.coupons('1', page);
  await catalogue.orders('1', page);
  await catalogue.passwordHash('1');
  await listStuck(readers, page, NOW);
  await countStuck(queryable, NOW);
  await listOpenRefunds(readers, page);
  await countOpenRefunds(queryable);
  const letters = createDeadLetters(queryable);
  await letters.list(1);
  await letters.retrying(1);
  await letters.redrive({}, NOW);
  await letters.count();
  for (const statement of Object.values(queries)) {
    noted.set(statement.name, { ...statement, width: new Set(statement.text.match(/\$\d/g)).size });
  }
}

describe('the plans that connections keep', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    const postgres = DATABASES.find(({ name }) => name === 'PostgreSQL');
    database = await postgres!.open();
  });
  afterAll(() => database.drop());

  test('go by keys, also those that were made while the tables were known to be empty', async () => {
    const noted: Noted = new Map();
    await useStores(noted);
    expect(noted.size).toBeGreaterThan(15);
    const loads = [...noted.values()].filter(({ name }) => name.includes('-load'));
    const together = combine(
      loads.map(({ width, ...statement }) => ({ statement, values: new Array<null>(width).fill(null) })),
    );
    noted.set('all loads', { ...together.statement, width: together.values.length });
    await runSql(database.reader, 'vacuum analyze');
    const found = await wholeScansOf(database, noted);
    // Of a table that is known to be empty every index costs the same, and coupons have two that know their ids. A
    // payment's update follows its lock, which the planner takes for one row at most: with the keys named again it
    // would go through all of them for every row. What time is up for is in indexes that hold nothing else.
    const expected = new Map([
      ['coupon-change', 'Index Scan trade_coupon_user'],
      ['payment-write', 'Index Scan trade_pay_pkey'],
      ['orders-unfinished', 'Index Scan trade_order_unfinished'],
      ['orders-expired', 'Index Scan trade_order_unpaid'],
    ]);
    expect(found.filter(([name, scans]) => scans.some((scan) => scan !== expected.get(name)))).toEqual([]);
  });

  test('of lists go by keys, too, or through an index that holds only what is open', async () => {
    const noted: Noted = new Map();
    await useLists(noted);
    expect(noted.size).toBeGreaterThan(20);
    await runSql(database.reader, 'vacuum analyze');
    const open = [
      'trade_mq_consumer_log_open',
      'trade_order_compensation',
      'trade_order_unfinished',
      'trade_pay_transaction_open',
      // The whole outbox is what is not over.
      'trade_mq_producer_temp_pkey',
    ];
    const found = await wholeScansOf(database, noted);
    expect(
      found.filter(([, scans]) => scans.some((scan) => !open.includes(scan.split(' ').at(-1)!))),
    ).toEqual([]);
  });

  test('a plan that goes through a table is found', async () => {
    const text =
      'select o.order_id from trade_order o join unnest($1::bigint[]) as asked(order_id) using (order_id)';
    const partly = `select msg_key from trade_mq_consumer_log
      where group_name = $1 and msg_tag = $2 and msg_key = any($3::text[])`;
    const found = await wholeScansOf(
      database,
      new Map([
        ['joined', { name: 'joined', text, width: 1 }],
        ['partly', { name: 'partly', text: partly, width: 3 }],
      ]),
    );
    expect(found).toEqual([
      ['joined', [expect.stringContaining('trade_order')]],
      ['partly', [expect.stringContaining('trade_mq_consumer_log')]],
    ]);
  });
});
