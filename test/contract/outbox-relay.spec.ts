// The way of an event's row: out at once, out again when the broker may have lost it, gone when all groups are done.
import pino from 'pino';
import { ok, type Envelope } from '../../actors/domain/envelope';
import { groupsOf, type OutboxEvent } from '../../actors/domain/events';
import type { Outbox } from '../../actors/domain/ports/outbox';
import type { Publication } from '../../actors/domain/ports/transport';
import { createInbox } from '../../persistence/inbox';
import { startOutboxSettler } from '../../supervisors/outbox-settler';
import { OutboxRelay } from '../../transport/outbox-relay';
import { DATABASES, type TestDatabase } from '../helpers/databases';
import { queueEvents } from '../helpers/queued-events';
import { until } from '../helpers/servers';
import { systemClock } from '../../bin/system-clock';
import { eachWithEmptyOutbox } from './empty-outbox';

const logger = pino({ level: 'silent' });
const cancelled: OutboxEvent = {
  producerGroup: 'order_orderTopic_group',
  topic: 'orderTopic',
  tag: 'order_cancel',
  key: '7',
  body: { orderId: '7', goodsId: '1', goodsNumber: 1, userId: '2' },
};
const paid: OutboxEvent = {
  ...cancelled,
  topic: 'payTopic',
  tag: 'pay_status',
  key: '8',
  body: { payId: '8' },
};

describe.each(DATABASES)('on $name', ({ open }) => {
  let database: TestDatabase;
  let outbox: Outbox;
  eachWithEmptyOutbox(open, (fresh) => ({ database, outbox } = fresh));

  const queue = (events: readonly OutboxEvent[], at: string): Promise<void> =>
    queueEvents(database.reader, events, at);
  const startRelay = (
    publish?: () => Promise<void>,
    { mostHeld = 1_000, connected = (): boolean => true, isKeeper = (): boolean => true } = {},
  ) => {
    const published: Publication[] = [];
    const relay = new OutboxRelay({
      outbox,
      mostHeld,
      transport: {
        isConnected: connected,
        publish: async (publication) => {
          published.push(publication);
          await publish?.();
        },
      },
      clock: systemClock,
      logger,
      concurrency: 8,
      isKeeper,
      sweepEveryMs: 20,
    });
    return { relay, published };
  };
  const startSettler = (isKeeper = () => true, isConnected = () => true) => {
    const inbox = createInbox(database.reader);
    const told: Omit<Envelope, 'shard'>[] = [];
    const settler = startOutboxSettler({
      outbox,
      inboxOf: () => inbox,
      // Nothing is lost at the broker.
      transport: { isConnected, outstanding: () => Promise.resolve(Number.MAX_SAFE_INTEGER) },
      router: {
        ask: (command) => {
          told.push(command);
          return Promise.resolve(ok({}));
        },
      },
      clock: systemClock,
      logger,
      everyMs: 10,
      isKeeper,
    });
    return { settler, inbox, told };
  };
  const claimOf = (name: string) => ({
    group: name,
    tag: 'order_cancel',
    key: name.includes('goods') ? '7:1' : '7',
    messageId: 'm',
    body: '',
  });
  const LONG_AGO = '2026-01-01T00:00:00.000Z';
  const FOREVER = '9999-01-01T00:00:00.000Z';
  const allSent = (count: number) =>
    until('the rows are marked', async () => (await outbox.counts()).sent === count);

  test('fault 11: rows that a crash left behind are swept, and marked sent on the ack', async () => {
    await queue([cancelled, paid], LONG_AGO);
    const { relay, published } = startRelay();
    relay.start();
    await allSent(2);
    await relay.stop(1_000);
    expect(published).toMatchObject([
      { stream: 'orderTopic', tag: 'order_cancel', messageId: 'order_cancel:7' },
      { stream: 'payTopic', tag: 'pay_status', messageId: 'pay_status:8', body: '{"payId":"8"}' },
    ]);
  });

  test('rows whose groups are done go out together after a moment, and those that are in a hurry before them', async () => {
    const at = systemClock.now();
    await queue([paid, cancelled], at);
    const rows = await outbox.unsent(FOREVER, 10);
    const { relay, published } = startRelay();
    relay.committedAndDone(rows.filter(({ event }) => event.tag === 'pay_status'));
    expect(published).toEqual([]);
    relay.committed(rows.filter(({ event }) => event.tag === 'order_cancel'));
    await until('both are published', () => published.length === 2);
    await until('only one is kept', async () => {
      const { sent, unsent } = await outbox.counts();
      return sent === 1 && unsent === 0;
    });
    await relay.stop(1_000);
    expect(published.map(({ tag }) => tag)).toEqual(['order_cancel', 'pay_status']);
    const kept = await outbox.sent('0', 10);
    expect(kept.map(({ event }) => event.tag)).toEqual(['order_cancel']);
  });

  test('rows that nobody is in a hurry for are left to the next life when it stops', async () => {
    await queue([paid], LONG_AGO);
    const first = startRelay();
    first.relay.committedAndDone(await outbox.unsent(FOREVER, 10));
    await first.relay.stop(1_000);
    const second = startRelay();
    second.relay.start();
    await allSent(1);
    await second.relay.stop(1_000);
    expect([first.published.length, second.published.length]).toEqual([0, 1]);
  });

  test('a row that could not be published stays unsent, and is published later', async () => {
    await queue([paid], LONG_AGO);
    let away = true;
    const { relay, published } = startRelay(() =>
      away ? Promise.reject(new Error('away')) : Promise.resolve(),
    );
    relay.start();
    await until('it was tried', () => published.length > 0);
    expect((await outbox.counts()).unsent).toBe(1);
    away = false;
    await allSent(1);
    await relay.stop(1_000);
  });

  test('R12: after a reconnect everything that is kept goes out again, however long ago it was sent', async () => {
    await queue([cancelled, paid], LONG_AGO);
    const rows = await outbox.unsent(FOREVER, 10);
    const [order, payment] = rows;
    if (!order || !payment) throw new Error('both are there');
    await outbox.markSent([order.id], LONG_AGO);
    await outbox.markSent([payment.id], systemClock.now());
    const { relay, published } = startRelay();
    await relay.resend();
    await until('both are published', () => published.length === 2);
    expect(published.map(({ messageId }) => messageId)).toEqual(['order_cancel:7', 'pay_status:8']);
    await relay.stop(1_000);
  });

  test('a node that is not the keeper publishes what it commits, and leaves the rest to the keeper', async () => {
    await queue([cancelled, paid], LONG_AGO);
    const [left, own] = await outbox.unsent(FOREVER, 2);
    if (!left || !own) throw new Error('both are there');
    const keeper = { isHere: false, asked: 0 };
    const isKeeper = (): boolean => {
      keeper.asked += 1;
      return keeper.isHere;
    };
    const { relay, published } = startRelay(undefined, { isKeeper });
    relay.start();
    relay.committed([own]);
    await allSent(1);
    await until('some sweeps', () => keeper.asked > 5);
    expect(published).toMatchObject([{ messageId: 'pay_status:8' }]);
    keeper.isHere = true;
    await allSent(2);
    await relay.stop(1_000);
    expect(published).toMatchObject([{ messageId: 'pay_status:8' }, { messageId: 'order_cancel:7' }]);
  });

  test('no more rows are held than there is room for, and all of them go out once the broker takes them', async () => {
    await queue(
      Array.from({ length: 1_200 }, (_, place) => ({ ...paid, key: String(place) })),
      LONG_AGO,
    );
    let letGo: () => void = () => undefined;
    const broker = new Promise<void>((resolve) => (letGo = resolve));
    const { relay, published } = startRelay(() => broker, { mostHeld: 20 });
    relay.start();
    await until('it holds what it may', () => relay.depth === 20);
    relay.committed(await outbox.unsent(FOREVER, 100));
    expect([relay.depth, published.length]).toEqual([20, 8]);
    letGo();
    await allSent(1_200);
    expect(new Set(published.map(({ messageId }) => messageId)).size).toBe(1_200);
    await relay.stop(1_000);
  });

  test('nothing is held while the broker is known to be away', async () => {
    await queue([paid], LONG_AGO);
    let isConnected = false;
    const { relay, published } = startRelay(undefined, { connected: () => isConnected });
    relay.start();
    relay.committed(await outbox.unsent(FOREVER, 10));
    expect([relay.depth, published.length]).toEqual([0, 0]);
    isConnected = true;
    await allSent(1);
    await relay.stop(1_000);
  });

  test('R12: what could not be sent again is tried until it could', async () => {
    await queue([cancelled], LONG_AGO);
    const [row] = await outbox.unsent(FOREVER, 1);
    await outbox.markSent([row?.id ?? ''], LONG_AGO);
    let away = true;
    const { relay, published } = startRelay(() =>
      away ? Promise.reject(new Error('away')) : Promise.resolve(),
    );
    relay.start();
    await relay.resend();
    await until('it was tried twice', () => published.length > 1);
    away = false;
    const before = published.length;
    await until('it is sent', () => published.length > before && relay.depth === 0);
    const { length } = published;
    await relay.stop(1_000);
    expect(published.length).toBe(length);
  });

  test('R12: a replay is not swallowed as a repeat', async () => {
    await queue([paid], LONG_AGO);
    const [row] = await outbox.unsent(FOREVER, 1);
    await outbox.markSent([row?.id ?? ''], LONG_AGO);
    expect(await outbox.replay('payTopic', '8')).toBe(1);
    const { relay, published } = startRelay();
    relay.start();
    await allSent(1);
    await relay.stop(1_000);
    expect(published[0]?.messageId).toMatch(/^pay_status:8:.+/);
  });

  test('R12: a row goes when all groups are done or parked, and the order learns how it ended', async () => {
    await queue([cancelled], LONG_AGO);
    const [row] = await outbox.unsent(FOREVER, 1);
    await outbox.markSent([row?.id ?? ''], LONG_AGO);
    const { settler, inbox, told } = startSettler();
    const groups = groupsOf('order_cancel');
    const [last, ...others] = groups;
    for (const group of others) await inbox.finish(claimOf(group.name), systemClock.now());
    expect(await outbox.counts()).toMatchObject({ sent: 1 });
    await inbox.park(claimOf(last?.name ?? ''), 'no', systemClock.now());
    await until('the row is gone', async () => (await outbox.counts()).sent === 0);
    settler.stop();
    expect(told.at(-1)).toMatchObject({ id: '7', command: { type: 'FinishCompensation', failed: true } });
  });

  test('R12: a redriven event stays, begun or not, until its groups had their chance with a broker that is there', async () => {
    await queue([{ ...cancelled, producerGroup: 'redrive' }], LONG_AGO);
    const [row] = await outbox.unsent(FOREVER, 1);
    const send = (at: string): Promise<void> => outbox.markSent([row?.id ?? ''], at);
    await send(systemClock.now());
    let rounds = 0;
    let isAway = false;
    const { settler, inbox, told } = startSettler(
      () => (rounds += 1) > 0,
      () => !isAway,
    );
    const someRounds = async (): Promise<void> => {
      const before = rounds;
      await until('some rounds', () => rounds > before + 5);
      expect([(await outbox.counts()).sent, told]).toEqual([1, []]);
    };
    await someRounds();
    isAway = true;
    await send(LONG_AGO);
    await someRounds();
    const [first] = groupsOf('order_cancel');
    await inbox.claim(claimOf(first?.name ?? ''), systemClock.now());
    await someRounds();
    isAway = false;
    await someRounds();
    // The others ignored it, and left no trace.
    await inbox.finish(claimOf(first?.name ?? ''), systemClock.now());
    await until('the row is gone', async () => (await outbox.counts()).sent === 0);
    settler.stop();
  });

  test.each([
    ['a line that its body does not name was given up again', { orderId: '7' }, true],
    ['a group has not begun', cancelled.body, false],
  ])('R12: a redriven event tells no order that all is given back: %s', async (_, body, isParked) => {
    await queue([{ ...cancelled, producerGroup: 'redrive', body }], LONG_AGO);
    const [row] = await outbox.unsent(FOREVER, 1);
    await outbox.markSent([row?.id ?? ''], LONG_AGO);
    let isReady = false;
    const { settler, inbox, told } = startSettler(() => isReady);
    for (const { name, home } of groupsOf('order_cancel')) {
      if (home === 'goods' && isParked) await inbox.park(claimOf(name), 'no', systemClock.now());
      else if (home !== 'wallet' || isParked) await inbox.finish(claimOf(name), systemClock.now());
    }
    isReady = true;
    await until('the row is gone', async () => (await outbox.counts()).sent === 0);
    settler.stop();
    expect(told).toEqual([]);
  });

  test('only the keeper settles', async () => {
    await queue([cancelled], LONG_AGO);
    const [row] = await outbox.unsent(FOREVER, 1);
    await outbox.markSent([row?.id ?? ''], LONG_AGO);
    const keeper = { isHere: false, asked: 0 };
    const { settler, inbox, told } = startSettler(() => {
      keeper.asked += 1;
      return keeper.isHere;
    });
    for (const { name } of groupsOf('order_cancel')) await inbox.finish(claimOf(name), systemClock.now());
    const { asked } = keeper;
    await until('some rounds', () => keeper.asked > asked + 5);
    expect([(await outbox.counts()).sent, told]).toEqual([1, []]);
    keeper.isHere = true;
    await until('the row is gone', async () => (await outbox.counts()).sent === 0);
    settler.stop();
    expect(told).toHaveLength(1);
  });
});
