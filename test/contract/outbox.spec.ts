import type { OutboxEvent } from '../../actors/domain/events';
import type { Outbox, OutboxRow } from '../../actors/domain/ports/outbox';
import { createOutbox } from '../../persistence/outbox';
import { DATABASES, type TestDatabase } from '../helpers/databases';
import { queueEvents } from '../helpers/queued-events';

const at = (second: number): string => new Date(Date.UTC(2026, 2, 4, 5, 6, second, 89)).toISOString();

const eventOf = (key: string, topic: OutboxEvent['topic'] = 'orderTopic'): OutboxEvent => ({
  producerGroup: 'order_producer_group',
  topic,
  tag: topic === 'orderTopic' ? 'order_cancel' : 'pay_status',
  key,
  body: { orderId: key, reason: 'quotes " and \u0000' },
});

const keysOf = (rows: readonly OutboxRow[]): string[] => rows.map((row) => row.event.key);
const idsOf = (rows: readonly OutboxRow[]): string[] => rows.map((row) => row.id);

describe.each(DATABASES)('the outbox on $name', ({ open }) => {
  let database: TestDatabase;
  let outbox: Outbox;
  const run = (text: string) => database.reader.query({ name: '', text }, []);
  beforeAll(async () => (database = await open()), 60_000);
  afterAll(() => database.drop());
  beforeEach(async () => {
    await run('truncate trade_mq_producer_temp');
    outbox = createOutbox(database.reader);
  });

  /** Appends these, each a second after the one before. */
  const append = async (...keys: string[]): Promise<void> => {
    for (const [second, key] of keys.entries())
      await queueEvents(database.reader, [eventOf(key)], at(second));
  };
  const sent = async (...keys: string[]): Promise<readonly OutboxRow[]> => {
    await append(...keys);
    const rows = await outbox.unsent(at(59), 1_000);
    await outbox.markSent(idsOf(rows), at(30));
    return rows;
  };

  test('keeps an event as it was said', async () => {
    await queueEvents(database.reader, [eventOf('1'), eventOf('2', 'payTopic')], at(0));
    const rows = await outbox.unsent(at(1), 10);
    expect(rows).toEqual([
      { id: expect.any(String), event: eventOf('1'), createTime: at(0), replayed: false },
      { id: expect.any(String), event: eventOf('2', 'payTopic'), createTime: at(0), replayed: false },
    ]);
  });

  test('gives unsent rows, the oldest first, and none that may still be on their way', async () => {
    await append('1', '2', '3', '4');
    expect(keysOf(await outbox.unsent(at(3), 10))).toEqual(['1', '2', '3']);
    expect(keysOf(await outbox.unsent(at(3), 2))).toEqual(['1', '2']);
    const [first] = await outbox.unsent(at(3), 1);
    await outbox.markSent([first!.id], at(5));
    expect(keysOf(await outbox.unsent(at(9), 10))).toEqual(['2', '3', '4']);
  });

  test('gives what was sent and is kept, page by page', async () => {
    const rows = await sent('1', '2', '3');
    await append('unsent');
    expect(keysOf(await outbox.sent('0', 10))).toEqual(['1', '2', '3']);
    expect(keysOf(await outbox.sent('0', 2))).toEqual(['1', '2']);
    expect(keysOf(await outbox.sent(rows[1]!.id, 10))).toEqual(['3']);
    await outbox.remove([rows[2]!.id]);
    expect(await outbox.sent(rows[1]!.id, 10)).toEqual([]);
  });

  test('sends again what is replayed', async () => {
    await queueEvents(database.reader, [eventOf('9', 'payTopic')], at(0));
    await sent('1', '2');
    expect(await outbox.replay('orderTopic', '2')).toBe(1);
    const rows = await outbox.unsent(at(59), 10);
    expect(rows.map((row) => [row.event.key, row.replayed])).toEqual([['2', true]]);
    await append('3');
    expect(await outbox.replay('orderTopic')).toBe(1);
    expect(keysOf(await outbox.unsent(at(59), 10))).toEqual(['1', '2', '3']);
  });

  test('sends again what was sent, and says that it is no first time', async () => {
    const [first, second] = await sent('1', '2');
    await append('unsent');
    const [unsent] = await outbox.unsent(at(59), 10);
    await outbox.sendAgain([first!.id, unsent!.id]);
    const rows = await outbox.unsent(at(59), 10);
    expect(rows.map((row) => [row.event.key, row.replayed])).toEqual([
      ['1', true],
      ['unsent', false],
    ]);
    expect(await outbox.sent('0', 10)).toEqual([{ ...second, sentTime: at(30) }]);
  });

  test('shows every sent row in turn, though the first ones stay', async () => {
    await sent('1', '2', '3', '4', '5');
    await append('unsent');
    const seen = [];
    for (let round = 0; round < 4; round += 1) seen.push(keysOf(await outbox.toSettle(2)));
    expect(seen).toEqual([['1', '2'], ['3', '4'], ['5'], ['1', '2']]);
  });

  test('removes rows, and what is gone already', async () => {
    const rows = await sent('1', '2');
    await outbox.remove(idsOf(rows.slice(0, 1)));
    await outbox.remove(idsOf(rows.slice(0, 1)));
    expect(keysOf(await outbox.toSettle(10))).toEqual(['2']);
  });

  test('counts', async () => {
    expect(await outbox.counts()).toEqual({ unsent: 0, sent: 0, oldestUnsent: undefined });
    await sent('1');
    await append('2', '3');
    expect(await outbox.counts()).toEqual({ unsent: 2, sent: 1, oldestUnsent: at(0) });
  });

  test('is not held up by a row that somebody wrote by hand', async () => {
    await run(`insert into trade_mq_producer_temp (group_name, msg_topic, msg_tag, msg_key, msg_body, create_time)
      values ('g', 'orderTopic', 'order_cancel', '1', 'no JSON', '2026-01-01'),
        ('g', 'orderTopic', 'order_cancel', '2', '[]', '2026-01-01')`);
    await append('3');
    const rows = await outbox.unsent(at(59), 10);
    expect(rows.map((row) => row.event.body)).toEqual([
      { unreadable: 'no JSON' },
      { unreadable: '[]' },
      eventOf('3').body,
    ]);
  });
});
