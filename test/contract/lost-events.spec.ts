// What the broker has lost goes out again once it is missed, and nothing else does.
import { ok } from '../../actors/domain/envelope';
import { groupsOf, type OutboxEvent } from '../../actors/domain/events';
import type { Outbox } from '../../actors/domain/ports/outbox';
import { TransportError } from '../../actors/domain/ports/transport';
import { systemClock } from '../../bin/system-clock';
import { createInbox } from '../../persistence/inbox';
import { startOutboxSettler } from '../../supervisors/outbox-settler';
import { DATABASES, type TestDatabase } from '../helpers/databases';
import { queueEvents } from '../helpers/queued-events';
import { until } from '../helpers/servers';
import { listeningLogger } from './transport-worlds';
import { eachWithEmptyOutbox } from './empty-outbox';

const paid = (payId: string): OutboxEvent => ({
  producerGroup: 'pay_payTopic_group',
  topic: 'payTopic',
  tag: 'pay_status',
  key: payId,
  body: { payId, orderId: '7', payAmount: '1.00', isPaid: true },
});

const LONG_AGO = '2026-01-01T00:00:00.000Z';
const FOREVER = '9999-01-01T00:00:00.000Z';

describe.each(DATABASES)('on $name', ({ open }) => {
  let database: TestDatabase;
  let outbox: Outbox;
  eachWithEmptyOutbox(open, (fresh) => ({ database, outbox } = fresh));

  /** Rows that count as sent at a moment. */
  const sent = async (sentTime: string, ...events: OutboxEvent[]): Promise<void> => {
    await queueEvents(database.reader, events, LONG_AGO);
    const rows = await outbox.unsent(FOREVER, 100);
    await outbox.markSent(
      rows.map((row) => row.id),
      sentTime,
    );
  };

  /** Two rounds of a settler whose broker has so much for each group. @returns the keys of what is to be sent again */
  const afterTwoRounds = async (
    outstanding: (group: string) => number | Promise<number>,
    isConnected = true,
  ): Promise<{ readonly again: readonly string[]; readonly told: readonly string[] }> => {
    let rounds = 0;
    const logger = Object.assign(listeningLogger(), { child: () => logger });
    const inbox = createInbox(database.reader);
    const settler = startOutboxSettler({
      outbox: {
        ...outbox,
        toSettle: (limit) => {
          rounds += 1;
          return outbox.toSettle(limit);
        },
      },
      inboxOf: () => inbox,
      transport: {
        isConnected: () => isConnected,
        outstanding: (group) => Promise.resolve(group).then(outstanding),
      },
      router: { ask: () => Promise.resolve(ok({})) },
      clock: systemClock,
      logger: logger as never,
      everyMs: 10,
      isKeeper: () => true,
    });
    await until('two rounds and a third', () => rounds > 2);
    settler.stop();
    const again = await outbox.unsent(FOREVER, 100);
    return {
      again: again.filter(({ replayed }) => replayed).map(({ event }) => event.key),
      told: logger.lines.map(({ message }) => message),
    };
  };

  const none = (): number => 0;

  test('what the broker has nothing of goes out again, all of it, and an operator is told', async () => {
    await sent(LONG_AGO, paid('1'), paid('2'));
    const { again, told } = await afterTwoRounds(none);
    expect(again).toEqual(['1', '2']);
    expect(told).toEqual(['the broker has lost events: they are sent again']);
  });

  test('so does all that may be lost, if one group misses one of them', async () => {
    await sent(LONG_AGO, paid('1'), paid('2'));
    const log = groupsOf('pay_status').at(-1)!.name;
    expect((await afterTwoRounds((group) => (group === log ? 1 : 2))).again).toEqual(['1', '2']);
  });

  test('what a group has waiting, or works on, does not', async () => {
    await sent(LONG_AGO, paid('1'), paid('2'));
    expect((await afterTwoRounds(() => 2)).again).toEqual([]);
  });

  test('what ends while the broker is asked does not, nor the others with it', async () => {
    await sent(LONG_AGO, paid('1'), paid('2'));
    const inbox = createInbox(database.reader);
    const { again, told } = await afterTwoRounds(async (name) => {
      await inbox.finish({ group: name, tag: 'pay_status', key: '2', messageId: 'm', body: '' }, LONG_AGO);
      return 1;
    });
    expect({ again, told }).toEqual({ again: [], told: [] });
  });

  test('what was sent lately does not', async () => {
    await sent(systemClock.now(), paid('1'));
    expect((await afterTwoRounds(none)).again).toEqual([]);
  });

  test('what all groups are done with goes, and is no reason to look', async () => {
    await sent(LONG_AGO, paid('1'));
    const inbox = createInbox(database.reader);
    for (const { name } of groupsOf('pay_status')) {
      await inbox.finish({ group: name, tag: 'pay_status', key: '1', messageId: 'm', body: '' }, LONG_AGO);
    }
    expect(await afterTwoRounds(none)).toEqual({ again: [], told: [] });
    expect(await outbox.counts()).toMatchObject({ sent: 0, unsent: 0 });
  });

  test('what nobody can read does not: it would be one more dead letter each time', async () => {
    await sent(LONG_AGO, { ...paid('1'), body: { unreadable: 'by hand' } });
    expect((await afterTwoRounds(none)).again).toEqual([]);
  });

  test('while the broker is away nothing does, and the others are settled all the same', async () => {
    const inbox = createInbox(database.reader);
    const settled = async (payId: string): Promise<void> => {
      for (const { name } of groupsOf('pay_status')) {
        await inbox.finish(
          { group: name, tag: 'pay_status', key: payId, messageId: 'm', body: '' },
          LONG_AGO,
        );
      }
    };
    await sent(LONG_AGO, paid('1'), paid('2'));
    await settled('2');
    expect((await afterTwoRounds(none, false)).again).toEqual([]);
    expect(await outbox.counts()).toMatchObject({ sent: 1 });

    await sent(LONG_AGO, paid('3'));
    await settled('3');
    const { again, told } = await afterTwoRounds(() => {
      throw new TransportError('timeout', 'no answer');
    });
    expect(again).toEqual([]);
    expect(told).toContain('the outbox cannot be settled now');
    expect(await outbox.counts()).toMatchObject({ sent: 1 });
  });
});
