// The way of an event's row: out at once, out again when the broker may have lost it, gone when all groups are done.
import pino from 'pino';
import { ok, type Envelope } from '../../actors/domain/envelope';
import { groupsOf, type OutboxEvent } from '../../actors/domain/events';
import type { Outbox, Publication } from '../../actors/domain/ports';
import { createInbox } from '../../persistence/inbox';
import { createOutbox } from '../../persistence/outbox';
import { startOutboxSettler } from '../../supervisors/outbox-settler';
import { OutboxRelay } from '../../transport/outbox-relay';
import { DATABASES, type TestDatabase } from '../helpers/databases';
import { until } from '../helpers/servers';
import { systemClock } from '../../bin/system-clock';

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
  beforeAll(async () => {
    database = await open();
  });
  beforeEach(async () => {
    const text = 'truncate trade_mq_producer_temp, trade_mq_consumer_log';
    await database.reader.query({ name: 'truncate', text }, []);
    outbox = createOutbox(database.reader);
  });
  afterAll(() => database.drop());

  const startRelay = (publish?: () => Promise<void>) => {
    const published: Publication[] = [];
    const relay = new OutboxRelay({
      outbox,
      transport: {
        publish: async (publication) => {
          published.push(publication);
          await publish?.();
        },
      },
      clock: systemClock,
      logger,
      concurrency: 8,
      isKeeper: () => true,
      sweepEveryMs: 20,
    });
    return { relay, published };
  };
  const LONG_AGO = '2026-01-01T00:00:00.000Z';
  const FOREVER = '9999-01-01T00:00:00.000Z';
  const allSent = (count: number) =>
    until('the rows are marked', async () => (await outbox.counts()).sent === count);

  test('fault 11: rows that a crash left behind are swept, and marked sent on the ack', async () => {
    await outbox.append([cancelled, paid], LONG_AGO);
    const { relay, published } = startRelay();
    relay.start();
    await allSent(2);
    await relay.stop(1_000);
    expect(published).toMatchObject([
      { stream: 'orderTopic', tag: 'order_cancel', messageId: 'order_cancel:7' },
      { stream: 'payTopic', tag: 'pay_status', messageId: 'pay_status:8', body: '{"payId":"8"}' },
    ]);
  });

  test('a row that could not be published stays unsent, and is published later', async () => {
    await outbox.append([paid], LONG_AGO);
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

  test('R12: after a reconnect the last minutes go out again, and everything of a stream that was lost', async () => {
    await outbox.append([cancelled, paid], LONG_AGO);
    const rows = await outbox.unsent(FOREVER, 10);
    const [order, payment] = rows;
    if (!order || !payment) throw new Error('both are there');
    await outbox.markSent([order.id], LONG_AGO);
    await outbox.markSent([payment.id], systemClock.now());
    const { relay, published } = startRelay();
    await relay.resend([]);
    await until('the recent one is published', () => published.length === 1);
    expect(published).toMatchObject([{ messageId: 'pay_status:8' }]);
    await relay.resend(['orderTopic']);
    await until('the old one is published', () => published.length > 1);
    expect(published.map(({ messageId }) => messageId)).toContain('order_cancel:7');
    await relay.stop(1_000);
  });

  test('R12: a replay is not swallowed as a repeat', async () => {
    await outbox.append([paid], LONG_AGO);
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
    await outbox.append([cancelled], LONG_AGO);
    const [row] = await outbox.unsent(FOREVER, 1);
    await outbox.markSent([row?.id ?? ''], LONG_AGO);
    const inbox = createInbox(database.reader);
    const told: Omit<Envelope, 'shard'>[] = [];
    const settler = startOutboxSettler({
      outbox,
      inboxOf: () => inbox,
      router: {
        ask: (command) => {
          told.push(command);
          return Promise.resolve(ok({}));
        },
      },
      clock: systemClock,
      logger,
      everyMs: 10,
      isKeeper: () => true,
    });
    const groups = groupsOf('order_cancel');
    const claimOf = (name: string) => ({
      group: name,
      tag: 'order_cancel',
      key: name.includes('goods') ? '7:1' : '7',
      messageId: 'm',
      body: '',
    });
    const [last, ...others] = groups;
    for (const group of others) await inbox.finish(claimOf(group.name), systemClock.now());
    expect(await outbox.counts()).toMatchObject({ sent: 1 });
    await inbox.park(claimOf(last?.name ?? ''), 'no', systemClock.now());
    await until('the row is gone', async () => (await outbox.counts()).sent === 0);
    settler.stop();
    expect(told.at(-1)).toMatchObject({ id: '7', command: { type: 'FinishCompensation', failed: true } });
  });
});
