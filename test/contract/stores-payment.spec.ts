// Payments in the database: money that arrives is written once, together with what it does to its payment, and
// neither is there without the other (R4, R13).
import { id, type OrderId, type PayId } from '../../actors/domain/ids';
import { money } from '../../actors/domain/money';
import {
  paymentDecider,
  type Payment,
  type PaymentCommand,
  type PaymentFact,
} from '../../actors/domain/payment';
import type { OutboxRow } from '../../actors/domain/ports/outbox';
import type { Fate, StoreEntry } from '../../actors/domain/ports/store';
import type { Queryable } from '../../persistence/session';
import { createPaymentStore } from '../../persistence/stores/payment';
import { DATABASES, type TestDatabase } from '../helpers/databases';
import { claimOf, emptyTables, NOW, onBothDatabases, runSql, stagingOf } from './stores-world';

const entries = stagingOf<Payment, PaymentFact>(paymentDecider);
const payId = (number: number | string): PayId => id(`90071992547409${number}`);
const AT = '2026-01-01T00:00:00.007Z';
const LATER = '2026-01-01T00:00:05.070Z';
const AMOUNT = money('4780');

type Entry = StoreEntry<Payment, PaymentFact>;

/** What the actor would stage for a command. */
function entryOf(pay: PayId, before: Payment | undefined, command: PaymentCommand): Entry {
  const decision = paymentDecider.decide(command, before, undefined);
  if (decision.kind !== 'accept') throw new Error(`nothing to write: ${JSON.stringify(decision)}`);
  return entries(pay, before, { facts: decision.facts })[0]!;
}

const created = (pay: PayId, provider = 'sandbox'): Entry =>
  entryOf(pay, undefined, {
    type: 'CreatePayment',
    payId: pay,
    orderId: id<OrderId>('9007199254740993'),
    amount: AMOUNT,
    provider,
    at: AT,
  });

const noticed = (before: Payment, transactionId: string, amount = AMOUNT, at = LATER): Entry =>
  entryOf(before.payId, before, {
    type: 'RecordNotice',
    provider: before.provider,
    transactionId,
    amount,
    at,
  });

const storeOn = (queryable: Queryable, onEvents: (rows: readonly OutboxRow[]) => void = () => undefined) =>
  createPaymentStore({ writer: queryable, reader: queryable, now: () => NOW, shardOf: () => 17, onEvents });

/** Every transaction with its payment, and every payment's state, as the database holds them. */
async function booksOf(queryable: Queryable) {
  const transactions = await runSql<{ row: string }>(
    queryable,
    `select transaction_id || ' of ' || pay_id || ' ' || amount || ' ' || state as row from trade_pay_transaction order by 1`,
  );
  const paid = await runSql<{ pay_id: string }>(
    queryable,
    'select pay_id from trade_pay where is_paid = 2 order by 1',
  );
  const events = await runSql<{ row: string }>(
    queryable,
    `select msg_tag || ' ' || msg_key as row from trade_mq_producer_temp order by 1`,
  );
  return {
    transactions: transactions.map(({ row }) => row),
    paid: paid.map((row) => row.pay_id),
    events: events.map(({ row }) => row),
  };
}

onBothDatabases((database) => {
  const announced: OutboxRow[] = [];
  const store = () => storeOn(database(), (rows) => announced.push(...rows));
  const find = async (pay: string, recordKey?: string) =>
    (await store().load([{ id: pay, ...(recordKey === undefined ? {} : { recordKey }) }]))[0]!;
  const write = async (entry: Entry): Promise<Payment> => {
    expect(await store().write([entry])).toEqual(['applied']);
    return entry.after!;
  };
  const create = (pay: PayId, provider?: string) => write(created(pay, provider));
  const books = () => booksOf(database());

  beforeEach(() => {
    announced.length = 0;
  });

  it('loads what it wrote, through payment, refund and closing', async () => {
    const pay = payId(93);
    const paid = [
      (before: Payment) => noticed(before, 'T"1", {a}\\:b'),
      (before: Payment) => noticed(before, '交易 2', money('0.5'), '2026-01-01T00:00:06.000Z'),
      (before: Payment) => noticed(before, 'T3', AMOUNT, '2026-01-01T00:00:07.999Z'),
    ];
    const refunds: PaymentCommand[] = [
      { type: 'RefundPayment', reason: 'the "customer", {wants} it' },
      { type: 'StartRefund', transactionId: 'T3' },
      { type: 'FailRefund', transactionId: 'T3' },
      { type: 'StartRefund', transactionId: 'T3' },
      { type: 'FinishRefund', transactionId: 'T3', at: LATER },
      { type: 'RejectPayment', reason: 'too late', at: LATER },
    ];
    let payment = await create(pay);
    expect((await find(pay)).state).toEqual(payment);
    const steps = [...paid, ...refunds.map((command) => (before: Payment) => entryOf(pay, before, command))];
    for (const step of steps) {
      payment = await write(step(payment));
      expect((await find(pay)).state).toEqual(payment);
    }
    expect(payment.transactions.map(({ state }) => state)).toEqual(['refund due', 'mismatch', 'refunded']);
  });

  it('R13: a payment is paid with its transaction and its event, in one flush', async () => {
    const payment = await create(payId(1));
    await write(noticed(payment, 'T1'));
    expect(await books()).toEqual({
      transactions: [`T1 of ${payId(1)} 4780.00 booked`],
      paid: [payId(1)],
      events: [`pay_status ${payId(1)}`],
    });
    const [row] = await runSql<{ id: string }>(database(), 'select id from trade_mq_producer_temp');
    expect(announced.map(({ id: announcedId }) => announcedId)).toEqual([row?.id]);
  });

  it('R13: money of another amount is kept for its refund, and pays nothing', async () => {
    await write(noticed(await create(payId(1)), 'T1', money('4779.99')));
    expect(await books()).toEqual({
      transactions: [`T1 of ${payId(1)} 4779.99 mismatch`],
      paid: [],
      events: ['pay_refund T1'],
    });
  });

  it('R4: a payment that changed meanwhile takes no transaction and says nothing', async () => {
    const payment = await create(payId(1));
    await write(entryOf(payment.payId, payment, { type: 'ClosePayment', at: LATER }));
    expect(await store().write([{ ...noticed(payment, 'T1'), inbox: claimOf('1') }])).toEqual(['conflict']);
    expect(await books()).toEqual({ transactions: [], paid: [], events: [] });
    expect(await runSql(database(), 'select from trade_mq_consumer_log')).toEqual([]);
    expect(announced).toEqual([]);
  });

  it('R13: a transaction of one payment pays no other', async () => {
    const [one, other] = [await create(payId(1)), await create(payId(2))];
    await write(noticed(one, 'T1'));
    expect(await store().write([noticed(other, 'T1')])).toEqual(['conflict']);
    expect(await books()).toMatchObject({
      transactions: [`T1 of ${payId(1)} 4780.00 booked`],
      paid: [payId(1)],
    });
    expect((await find(payId(2))).state).toEqual(other);
    expect((await find(payId(2), 'sandbox:T1')).recorded).toEqual({ payId: payId(1) });
  });

  it('R13: two platforms may use the same number', async () => {
    const [one, other] = [await create(payId(1)), await create(payId(2), 'other')];
    expect(await store().write([noticed(one, 'T:1'), noticed(other, 'T:1')])).toEqual(['applied', 'applied']);
    expect((await find(payId(1), 'sandbox:T:1')).recorded).toEqual({ payId: payId(1) });
    expect((await find(payId(1), 'other:T:1')).recorded).toEqual({ payId: payId(2) });
    expect((await find(payId(2))).state?.transactions).toHaveLength(1);
  });

  it('creates a payment once', async () => {
    await create(payId(1));
    expect(await store().write([created(payId(1))])).toEqual(['conflict']);
  });

  it('moves a refund at the version that was read only', async () => {
    let payment = await write(noticed(await create(payId(1)), 'T1', money('1')));
    const [start, fail] = (['StartRefund', 'FailRefund'] as const).map((type) =>
      entryOf(payment.payId, payment, { type, transactionId: 'T1' }),
    ) as [Entry, Entry];
    expect(await store().write([start])).toEqual(['applied']);
    expect(await store().write([fail])).toEqual(['conflict']);
    expect((await books()).transactions).toEqual([`T1 of ${payId(1)} 1.00 requested`]);
    payment = start.after!;
    await write(entryOf(payment.payId, payment, { type: 'FinishRefund', transactionId: 'T1', at: LATER }));
    expect((await books()).transactions).toEqual([`T1 of ${payId(1)} 1.00 refunded`]);
  });

  it('tells the fate of every entry of a mixed flush, with the events of those that changed', async () => {
    const [first, second, third, fourth] = [
      await create(payId(1)),
      await create(payId(2)),
      await create(payId(3)),
      await write(noticed(await create(payId(4)), 'T4')),
    ];
    await write(entryOf(second.payId, second, { type: 'ClosePayment', at: LATER }));
    announced.length = 0;
    const fates = await store().write([
      created(payId(5)),
      { ...noticed(first, 'T1'), inbox: claimOf('1') },
      { ...noticed(second, 'T2'), inbox: claimOf('2') },
      { ...noticed(third, 'T4'), inbox: claimOf('3') },
      { ...entryOf(fourth.payId, fourth, { type: 'RefundPayment', reason: 'r' }), inbox: claimOf('4') },
      { ...entries(payId(9), undefined, { facts: [] })[0]!, inbox: claimOf('9') },
    ]);
    expect(fates).toEqual(['applied', 'applied', 'conflict', 'conflict', 'applied', 'applied']);
    expect(announced.map(({ event }) => `${event.tag} ${event.key}`).sort()).toEqual([
      'pay_refund T4',
      `pay_status ${payId(1)}`,
    ]);
    expect((await books()).transactions).toEqual([
      `T1 of ${payId(1)} 4780.00 booked`,
      `T4 of ${payId(4)} 4780.00 refund due`,
    ]);
    const claims = await runSql<{ key: string }>(
      database(),
      'select msg_key as key from trade_mq_consumer_log order by 1',
    );
    expect(claims.map(({ key }) => key)).toEqual(['1', '4', '9']);
  });

  it('R5: one payment, one transaction and one consumption are kept apart', async () => {
    const entry = { ...noticed(await create(payId(1)), 'T1'), inbox: claimOf('1') };
    expect(store().conflictKeys(entry)).toEqual([payId(1), 'sandbox:T1', 'inbox:some_group:order_cancel:1']);
  });
});

describe('R13: two nodes at once', () => {
  let database: TestDatabase;
  const sessions: Awaited<ReturnType<TestDatabase['openSession']>>[] = [];
  beforeAll(async () => {
    database = await DATABASES.find(({ name }) => name === 'PostgreSQL')!.open();
    sessions.push(await database.openSession('one'), await database.openSession('other'));
  });
  beforeEach(() => emptyTables(database.reader));
  afterAll(async () => {
    await Promise.all(sessions.map((session) => session.close()));
    await database.drop();
  });

  const COUNT = 50;
  const numbers = Array.from({ length: COUNT }, (_, place) => place + 100);

  const createAll = async (payIds: readonly PayId[]): Promise<Payment[]> => {
    const batch = payIds.map((pay) => created(pay));
    await storeOn(database.reader).write(batch);
    return batch.map(({ after }) => after!);
  };
  /** Each node writes its batch, the second from its end to its beginning. */
  const race = (batches: readonly [Entry[], Entry[]]): Promise<(readonly Fate[])[]> =>
    Promise.all(
      batches.map((batch, node) => storeOn(sessions[node]!).write(node === 0 ? batch : [...batch].reverse())),
    );
  const countApplied = (fates: readonly (readonly Fate[])[]): number =>
    fates.flat().filter((fate) => fate === 'applied').length;

  it('a transaction that is told of two payments pays one of them', async () => {
    const ones = await createAll(numbers.map((number) => payId(`1${number}`)));
    const others = await createAll(numbers.map((number) => payId(`2${number}`)));
    const batchOf = (payments: Payment[]) => payments.map((payment, place) => noticed(payment, `T${place}`));
    expect(countApplied(await race([batchOf(ones), batchOf(others)]))).toBe(COUNT);
    const { transactions, paid, events } = await booksOf(database.reader);
    expect(transactions).toHaveLength(COUNT);
    expect(paid).toHaveLength(COUNT);
    expect(events).toEqual(paid.map((pay) => `pay_status ${pay}`));
    expect(transactions.map((row) => row.split(' ')[2]).sort()).toEqual([...paid].sort());
  });

  it('a payment that is told of two transactions takes one, and the other is decided again', async () => {
    const payments = await createAll(numbers.map((number) => payId(number)));
    const batchOf = (node: string) => payments.map((payment, place) => noticed(payment, `${node}${place}`));
    expect(countApplied(await race([batchOf('A'), batchOf('B')]))).toBe(COUNT);
    const { transactions, paid, events } = await booksOf(database.reader);
    expect(paid).toHaveLength(COUNT);
    expect(new Set(transactions.map((row) => row.split(' ')[2])).size).toBe(COUNT);
    expect(transactions).toHaveLength(COUNT);
    expect(events).toHaveLength(COUNT);
  });

  it('the same notice on both nodes is written once', async () => {
    const payments = await createAll(numbers.map((number) => payId(number)));
    const batch = payments.map((payment, place) => noticed(payment, `T${place}`));
    expect(countApplied(await race([batch, batch]))).toBe(COUNT);
    expect((await booksOf(database.reader)).events).toHaveLength(COUNT);
  });
});
