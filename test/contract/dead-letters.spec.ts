import type { InboxClaim } from '../../actors/domain/envelope';
import type { GroupName } from '../../actors/domain/events';
import type { DeadLetters, Inbox } from '../../actors/domain/ports/inbox';
import type { Outbox } from '../../actors/domain/ports/outbox';
import { createDeadLetters } from '../../persistence/dead-letters';
import { createInbox } from '../../persistence/inbox';
import { createOutbox } from '../../persistence/outbox';
import { DATABASES, type TestDatabase } from '../helpers/databases';

const AT = '2026-03-04T05:06:07.089Z';
const LATER = '2026-03-04T06:00:00.000Z';
const GOODS: GroupName = 'order_orderTopic_cancel_goods_group';
const REFUNDS: GroupName = 'pay_payTopic_refund_group';
const COUPON: GroupName = 'order_orderTopic_cancel_coupon_group';

const claimOf = (
  group: GroupName,
  key: string,
  body = '{"orderId":"11"}',
  tag = 'order_cancel',
): InboxClaim => ({
  group,
  tag,
  key,
  messageId: `${tag}:${key}`,
  body,
});

describe.each(DATABASES)('dead letters on $name', ({ open }) => {
  let database: TestDatabase;
  let inbox: Inbox;
  let outbox: Outbox;
  let letters: DeadLetters;
  beforeAll(async () => {
    database = await open();
    inbox = createInbox(database.reader);
    outbox = createOutbox(database.reader);
    letters = createDeadLetters(database.reader);
  }, 60_000);
  afterAll(() => database.drop());
  beforeEach(() =>
    database.reader.query({ name: '', text: 'truncate trade_mq_consumer_log, trade_mq_producer_temp' }, []),
  );

  const park = (...claims: InboxClaim[]) =>
    Promise.all(claims.map((claim) => inbox.park(claim, 'broken', AT)));
  const queued = async () => (await outbox.unsent('2030-01-01T00:00:00.000Z', 100)).map((row) => row.event);

  test('are what was parked, and nothing else', async () => {
    const claim = claimOf(COUPON, '11');
    await park(claim);
    await inbox.finish(claimOf(COUPON, '12'), AT);
    await inbox.fail(claimOf(COUPON, '13'), 1, 'once', AT);
    expect(await letters.count()).toEqual({ parked: 1, retrying: 1 });
    expect(await letters.list(10)).toEqual([
      {
        group: COUPON,
        tag: 'order_cancel',
        key: '11',
        body: claim.body,
        attempts: 3,
        remark: 'broken',
        time: AT,
      },
    ]);
  });

  test('are listed page by page', async () => {
    await park(...['11', '12', '13', '14', '15'].map((key) => claimOf(COUPON, key)), claimOf(GOODS, '11:7'));
    const seen: string[] = [];
    for (let after: string | undefined; ;) {
      const page = await letters.list(4, after);
      const last = page.at(-1);
      if (!last) break;
      seen.push(...page.map(({ group, key }) => `${group} ${key}`));
      after = `${last.group}|${last.tag}|${last.key}`;
    }
    expect(seen).toHaveLength(6);
    expect(new Set(seen).size).toBe(6);
  });

  test('count from nothing again and go out once, however many groups gave up', async () => {
    const body = { orderId: '11', lines: [{ goodsId: '7' }, { goodsId: 8 }] };
    const claim = (group: GroupName, key: string) => claimOf(group, key, JSON.stringify(body));
    await park(claim(GOODS, '11:7'), claim(GOODS, '11:8'), claim(COUPON, '11'));
    expect(await letters.redrive({}, LATER)).toBe(3);
    expect((await letters.count()).parked).toBe(0);
    expect(await queued()).toEqual([
      { producerGroup: 'redrive', topic: 'orderTopic', tag: 'order_cancel', key: '11', body },
    ]);
    expect(await inbox.claim(claimOf(GOODS, '11:7'), LATER)).toBe(1);
    expect(await letters.redrive({}, LATER)).toBe(0);
  });

  test('R12: name the line that was given up, whatever the body named that somebody wrote by hand', async () => {
    const bodies = [
      '{"orderId":"11"}',
      '{"orderId":"11","goodsId":"6"}',
      '{"orderId":"11","lines":[null,{}]}',
    ];
    for (const body of bodies) {
      await park(claimOf(GOODS, '11:7', body));
      expect(await letters.redrive({}, LATER)).toBe(1);
    }
    await park(claimOf(GOODS, '11', bodies[0]));
    await letters.redrive({ key: '11' }, LATER);
    const named = { orderId: '11', goodsId: '7' };
    expect((await queued()).map(({ body }) => body)).toEqual([named, named, named, { orderId: '11' }]);
  });

  test('are told from what is tried again by itself, which says when', async () => {
    await inbox.fail(claimOf(COUPON, '13'), 1, 'once', AT);
    await inbox.fail(claimOf(COUPON, '14'), 2, 'twice', AT);
    await inbox.finish(claimOf(COUPON, '15'), AT);
    await park(claimOf(COUPON, '16'), claimOf(COUPON, '17'));
    await letters.redrive({ key: '17' }, LATER);
    const retrying = await letters.retrying(10);
    expect(retrying.map(({ key, attempts, remark, nextTime }) => [key, attempts, remark, nextTime])).toEqual([
      ['13', 1, 'once', '2026-03-04T05:06:08.089Z'],
      ['14', 2, 'twice', '2026-03-04T05:06:12.089Z'],
      ['17', 0, 'broken', undefined],
    ]);
    expect(await letters.retrying(10, `${COUPON}|order_cancel|14`)).toHaveLength(1);
    expect(await letters.count()).toEqual({ parked: 1, retrying: 3 });
  });

  test('are re-driven once by however many do so at once', async () => {
    const keys = Array.from({ length: 1_100 }, (_, place) => String(1_000 + place));
    await park(...keys.map((key) => claimOf(COUPON, key, `{"orderId":"${key}"}`)));
    const counts = await Promise.all(
      Array.from({ length: 6 }, (_, place) =>
        letters.redrive(place % 2 === 0 ? {} : { group: COUPON, tag: 'order_cancel' }, LATER),
      ),
    );
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(1_100);
    expect((await letters.count()).parked).toBe(0);
    expect(await outbox.counts()).toMatchObject({ unsent: 1_100 });
  }, 30_000);

  test('that were done meanwhile are not re-driven', async () => {
    await park(claimOf(COUPON, '11'), claimOf(GOODS, '11:7'));
    await inbox.finish(claimOf(COUPON, '11'), LATER);
    expect(await letters.redrive({ group: COUPON }, LATER)).toBe(0);
    expect(await letters.redrive({}, LATER)).toBe(1);
    expect(await inbox.states(COUPON, 'order_cancel', ['11'])).toEqual(new Map([['11', 'done']]));
    await inbox.finish(claimOf(GOODS, '11:7'), LATER);
    expect(await letters.redrive({}, LATER)).toBe(0);
    expect(await queued()).toHaveLength(1);
  });

  test('are re-driven as far as asked', async () => {
    const refund = claimOf(
      'pay_payTopic_refund_group',
      'T:1',
      '{"payId":"5","transactionId":"T:1"}',
      'pay_refund',
    );
    await park(
      claimOf(COUPON, '11'),
      claimOf(COUPON, '12', '{"orderId":"12"}'),
      claimOf(GOODS, '12:7'),
      refund,
    );
    expect(await letters.redrive({ group: COUPON, key: '12' }, LATER)).toBe(1);
    expect(await letters.redrive({ tag: 'pay_refund' }, LATER)).toBe(1);
    expect((await queued()).map(({ topic, key }) => [topic, key])).toEqual([
      ['orderTopic', '12'],
      ['payTopic', 'T:1'],
    ]);
    expect((await letters.count()).parked).toBe(2);
    expect(await letters.redrive({ key: 'unknown' }, LATER)).toBe(0);
  });

  test('that never fitted their schema go out under their own key, and leave no row that waits', async () => {
    const poison = claimOf(COUPON, 'poison:message 1', '{"orderId":"11","lines":"none"}');
    await park(poison);
    expect(await letters.redrive({ key: poison.key }, LATER)).toBe(1);
    expect((await queued()).map(({ tag, key }) => [tag, key])).toEqual([['order_cancel', '11']]);
    expect(await inbox.states(COUPON, 'order_cancel', [poison.key])).toEqual(new Map());
  });

  test('stay if nobody can tell what event they are', async () => {
    await park(
      claimOf(COUPON, 'poison:1', 'no JSON'),
      claimOf(COUPON, 'poison:2', '{"orderId":"none"}'),
      claimOf(COUPON, 'poison:3', '[]'),
      claimOf(COUPON, '11', '{"orderId":"11"}', 'unknown_tag'),
      claimOf(REFUNDS, 'poison:4', '{"payId":"1","transactionId":"a\\u0000b"}', 'pay_refund'),
      claimOf(REFUNDS, 'poison:5', `{"payId":"1","transactionId":"${'x'.repeat(101)}"}`, 'pay_refund'),
    );
    expect(await letters.redrive({}, LATER)).toBe(0);
    expect((await letters.count()).parked).toBe(6);
    expect(await queued()).toEqual([]);
  });

  test('that are re-driven together with such go out all the same', async () => {
    await park(
      claimOf(REFUNDS, 'poison:1', '{"payId":"1","transactionId":"a\\u0000b"}', 'pay_refund'),
      claimOf(REFUNDS, 'T1', '{"payId":"1","transactionId":"T1"}', 'pay_refund'),
    );
    expect(await letters.redrive({}, LATER)).toBe(1);
    expect((await queued()).map(({ key }) => key)).toEqual(['T1']);
  });
});
