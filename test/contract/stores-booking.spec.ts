// Payments that are booked with all that follows: the books are those that the groups of the event would have left, or
// nothing of the write is there.
import { nextOfBooking, type Booking, type BookingStep } from '../../actors/domain/booking';
import type { Ask, Decider } from '../../actors/domain/decision';
import type { Answer, InboxClaim, Kind } from '../../actors/domain/envelope';
import { groupsOf, messageIdOf, type OutboxEvent } from '../../actors/domain/events';
import { id, type PayId } from '../../actors/domain/ids';
import { agreement } from '../../actors/domain/joint';
import { orderDecider } from '../../actors/domain/order';
import { payLogDecider } from '../../actors/domain/pay-log';
import { paymentDecider, type Payment, type PaymentFact } from '../../actors/domain/payment';
import { eventsOfPayment } from '../../actors/domain/payment-events';
import type { OutboxRow } from '../../actors/domain/ports/outbox';
import type { Store, StoreEntry } from '../../actors/domain/ports/store';
import { walletDecider } from '../../actors/domain/wallet';
import { createOutbox } from '../../persistence/outbox';
import { isRefusedByDatabase } from '../../persistence/sql-errors';
import { createBookingStore } from '../../persistence/stores/booking';
import { createOrderStore } from '../../persistence/stores/order';
import { createPayLogStore } from '../../persistence/stores/pay-log';
import { createPaymentStore } from '../../persistence/stores/payment';
import { createWalletStore } from '../../persistence/stores/wallet';
import { allRows, emptyTables, NOW, onBothDatabases, runSql } from './stores-world';

const AT = '2026-01-01T00:00:05.070Z';
const LI = '345963634385633280';
const [FIRST, SECOND, THIRD] = ['7001', '7002', '7003'] as const;

/** As each group of an event claims it. */
function claimsOf(event: OutboxEvent): readonly InboxClaim[] {
  const { tag, key } = event;
  const body = JSON.stringify(event.body);
  return groupsOf(tag).map(({ name }) => ({ group: name, tag, key, messageId: messageIdOf(event), body }));
}

const payOf = (order: string): PayId => id(order.replace('7', '8'));

/** Three confirmed orders of two users, each with an open payment. */
const OPENING = [
  `insert into trade_user (user_id, user_name, user_money, user_score, user_reg_time) values
    (${LI}, 'Li', 10000, 7, '${NOW}'), (11, 'Wu', 0, 0, '${NOW}')`,
  `insert into trade_order (order_id, user_id, order_status, pay_status, goods_id, goods_number, goods_price, goods_amount,
      shipping_fee, order_amount, pay_amount, pay_id, version, add_time, confirm_time) values
    (${FIRST}, ${LI}, 1, 1, 9, 1, 150, 150, 0, 150, 150.75, ${payOf(FIRST)}, 3, '${NOW}', '${NOW}'),
    (${SECOND}, ${LI}, 1, 1, 9, 1, 40, 40, 0, 40, 40, ${payOf(SECOND)}, 3, '${NOW}', '${NOW}'),
    (${THIRD}, 11, 1, 1, 9, 1, 10, 10, 0, 10, 10, ${payOf(THIRD)}, 3, '${NOW}', '${NOW}')`,
  `insert into trade_pay (pay_id, order_id, pay_amount, provider, create_time) values
    (${payOf(FIRST)}, ${FIRST}, 150.75, 'sandbox', '${NOW}'), (${payOf(SECOND)}, ${SECOND}, 40, 'sandbox', '${NOW}'),
    (${payOf(THIRD)}, ${THIRD}, 10, 'sandbox', '${NOW}')`,
];

type Belief = Map<string, object | undefined>;
type AnyDecider = Decider<object, Ask['command'], object, never>;
const DECIDERS = {
  payment: paymentDecider,
  order: orderDecider,
  wallet: walletDecider,
  'pay-log': payLogDecider,
} as unknown as Readonly<Record<Kind, AnyDecider>>;

onBothDatabases((database) => {
  const announced: OutboxRow[] = [];
  const stores = () => {
    const parts = {
      writer: database(),
      reader: database(),
      now: () => NOW,
      shardOf: () => 1,
      eventsOf: () => [],
      onEvents: (rows: readonly OutboxRow[]) => void announced.push(...rows),
    };
    return {
      payment: createPaymentStore(parts),
      order: createOrderStore(parts),
      wallet: createWalletStore(parts),
      'pay-log': createPayLogStore(parts),
      booking: createBookingStore(parts),
    };
  };
  const storeOf = (kind: Kind) =>
    stores()[kind as BookingStep['kind'] | 'payment'] as unknown as Store<object, unknown, unknown>;
  const held = async (kind: Kind, of: string) => (await storeOf(kind).load([{ id: of }]))[0]!.state;

  /** What those who are asked hold, as each order is staged upon the one before. */
  async function stageAll(...orders: readonly string[]): Promise<Booking[]> {
    const belief: Belief = new Map();
    const bookings: Booking[] = [];
    for (const order of orders) {
      const payment = (await held('payment', payOf(order))) as Payment;
      const entries: { kind: Kind; entry: StoreEntry<object, object> }[] = [];
      const answers: unknown[] = [];
      const { provider, amount, payId } = payment;
      const notice = { type: 'RecordNotice', provider, transactionId: `T${order}`, amount, at: AT };
      let ask: Ask | undefined = { to: { kind: 'payment', id: payId }, command: notice, key: payId };
      while (ask) {
        const { kind, id: asked } = ask.to;
        const decider = DECIDERS[kind];
        const name = `${kind} ${asked}`;
        const before = belief.has(name) ? belief.get(name) : await held(kind, asked);
        const { answer, facts } = agreement(decider.decide(ask.command, before, undefined))!;
        const after = facts.reduce<object | undefined>((state, fact) => decider.evolve(state, fact), before);
        belief.set(name, after);
        entries.push({ kind, entry: { id: asked, facts, before, after } });
        answers.push((answer as Extract<Answer, { outcome: 'ok' }>).data);
        ask = nextOfBooking(answers, AT);
      }
      const [own, ...steps] = entries;
      bookings.push({
        ...(own!.entry as StoreEntry<Payment, PaymentFact>),
        steps: steps as unknown as BookingStep[],
      });
    }
    return bookings;
  }

  const write = (...bookings: readonly Booking[]) => stores().booking.write(bookings);
  const books = () => allRows(database());
  const open = async (): Promise<void> => {
    for (const text of OPENING) await runSql(database(), text);
  };
  beforeEach(async () => {
    announced.length = 0;
    await open();
  });

  it('every row is the one that the groups of its event would have written', async () => {
    const bookings = await stageAll(FIRST, SECOND, THIRD);
    expect(await write(...bookings)).toEqual(['applied', 'applied', 'applied']);
    const jointly = await books();
    await emptyTables(database());
    await open();
    for (const booking of bookings) {
      const { steps, ...own } = booking;
      const claims = own.facts.flatMap((fact) => eventsOfPayment(fact, own.after!)).flatMap(claimsOf);
      await storeOf('payment').write([own]);
      for (const [place, { kind, entry }] of steps.entries()) {
        const inbox = claims[place];
        await storeOf(kind).write([{ ...entry, inbox }]);
      }
    }
    expect(jointly).toEqual(await books());
    expect(await held('order', FIRST)).toMatchObject({ payStatus: 2, payTime: AT, version: 4 });
    expect(await held('wallet', LI)).toMatchObject({ score: 7 + 150 + 40 });
  });

  it('R12: its event is announced as it is committed, and all groups are done with it', async () => {
    await write(...(await stageAll(FIRST)));
    expect(announced.map(({ event }) => [event.tag, event.key])).toEqual([['pay_status', payOf(FIRST)]]);
    expect(announced).toEqual(await createOutbox(database()).unsent('9999-12-31T00:00:00.000Z', 10));
    const groups = await runSql(
      database(),
      `select group_name from trade_mq_consumer_log where consumer_status = 1 and msg_key = '${payOf(FIRST)}' order by 1`,
    );
    expect(groups).toEqual(
      ['log', 'order', 'user'].map((group) => ({ group_name: `pay_payTopic_${group}_group` })),
    );
  });

  it('a consumption that had begun before is done', async () => {
    const [booking] = await stageAll(FIRST);
    await runSql(
      database(),
      `insert into trade_mq_consumer_log (group_name, msg_tag, msg_key, msg_id, consumer_status, consumer_times)
        values ('pay_payTopic_log_group', 'pay_status', '${payOf(FIRST)}', 'early', 0, 2)`,
    );
    expect(await write(booking!)).toEqual(['applied']);
    const rows = await runSql(
      database(),
      `select consumer_status, consumer_times from trade_mq_consumer_log where msg_id = 'early'`,
    );
    expect(rows).toEqual([{ consumer_status: 1, consumer_times: 2 }]);
  });

  it.each([
    ['a payment that others changed', `update trade_pay set version = 2 where pay_id = ${payOf(FIRST)}`],
    ['a payment that is gone', `delete from trade_pay where pay_id = ${payOf(FIRST)}`],
    ['an order that others changed', `update trade_order set version = 4 where order_id = ${FIRST}`],
    ['a user who is gone', `delete from trade_user where user_id = ${LI}`],
    [
      'a transaction that is there',
      `insert into trade_pay_transaction (provider, transaction_id, pay_id, amount, state)
        values ('sandbox', 'T${FIRST}', 5, 1, 'booked')`,
    ],
    [
      'points that are given',
      `insert into trade_user_score_log (user_id, pay_id, log_type, score) values (${LI}, ${payOf(FIRST)}, 1, 150)`,
    ],
    [
      'a log that is written',
      `insert into trade_pay_log (pay_id, order_id, pay_amount) values (${payOf(FIRST)}, ${FIRST}, 150.75)`,
    ],
  ])('a write that meets %s leaves nothing of any of its payments', async (_what, change) => {
    const bookings = await stageAll(THIRD, FIRST);
    await runSql(database(), change);
    const before = await books();
    const error = await write(...bookings).catch((thrown: unknown) => thrown);
    expect(isRefusedByDatabase(error)).toBe(true);
    expect(await books()).toEqual(before);
    expect(announced).toEqual([]);
  });

  it('nothing of a write is there where no payment is as believed', async () => {
    const bookings = await stageAll(FIRST, SECOND);
    await runSql(database(), 'update trade_pay set version = 9');
    const before = await books();
    await expect(write(...bookings)).rejects.toThrow();
    expect(await books()).toEqual(before);
  });

  it('R3: a payment whose wallet holds other figures than believed is booked, and stale', async () => {
    const bookings = await stageAll(FIRST, THIRD);
    await runSql(database(), `update trade_user set user_money = user_money + 1 where user_id = ${LI}`);
    expect(await write(...bookings)).toEqual(['stale', 'applied']);
    expect(await held('order', FIRST)).toMatchObject({ payStatus: 2 });
    expect(await held('wallet', LI)).toMatchObject({ score: 157, money: '10001.00' });
  });
});
