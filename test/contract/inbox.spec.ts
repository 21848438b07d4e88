import { createInbox } from '../../persistence/inbox';
import type { InboxClaim } from '../../actors/domain/envelope';
import type { Inbox } from '../../actors/domain/ports/inbox';
import { DATABASES, type TestDatabase } from '../helpers/databases';

const AT = '2026-03-04T05:06:07.089Z';
/** So long after that an attempt which has not ended by then never will. */
const after = (attempts: number): string => new Date(Date.parse(AT) + attempts * 15_001).toISOString();

const claimOf = (key: string, body = '{"orderId":"1"}'): InboxClaim => ({
  group: 'order_orderTopic_cancel_goods_group',
  tag: 'order_cancel',
  key,
  messageId: `order_cancel:${key}`,
  body,
});

describe.each(DATABASES)('the inbox on $name', ({ open }) => {
  let database: TestDatabase;
  let inbox: Inbox;
  beforeAll(async () => {
    database = await open();
    inbox = createInbox(database.reader);
  }, 60_000);
  afterAll(() => database.drop());

  let number = 0;
  const fresh = (body?: string): InboxClaim => claimOf(`${(number += 1)}:7`, body);
  const stateOf = async ({ group, tag, key }: InboxClaim): Promise<string> =>
    (await inbox.states(group, tag, [key])).get(key) ?? 'not begun';
  const rowOf = async ({ key }: InboxClaim): Promise<Record<string, unknown> | undefined> => {
    const text = `select msg_id, msg_body, consumer_status, consumer_times, consumer_timestamp, remark
      from trade_mq_consumer_log where msg_key = $1`;
    return (await database.reader.query<Record<string, unknown>>({ name: '', text }, [key]))[0];
  };

  test('counts each attempt that begins', async () => {
    const claim = fresh();
    expect(await stateOf(claim)).toBe('not begun');
    expect(await inbox.claim(claim, after(0))).toBe(1);
    expect(await inbox.claim(claim, after(1))).toBe(2);
    expect(await inbox.claim(claim, after(2))).toBe(3);
    expect(await stateOf(claim)).toBe('running');
    expect(await rowOf(claim)).toEqual({
      msg_id: claim.messageId,
      msg_body: claim.body,
      consumer_status: 0,
      consumer_times: 3,
      consumer_timestamp: new Date(after(2)),
      remark: '',
    });
  });

  test('counts no attempt while another is under way, or the third would be given up for those beside it', async () => {
    const claim = fresh();
    for (const attempt of [1, 2, 3]) {
      expect(await inbox.claim(claim, AT)).toBe(attempt);
      for (const at of [AT, '2026-03-04T05:06:22.089Z', '2026-03-04T05:05:52.089Z'])
        expect(await inbox.claim(claim, at)).toBe('busy');
      expect(await stateOf(claim)).toBe('running');
      await inbox.fail(claim, attempt, 'broken', AT);
    }
    expect(await inbox.claim(claim, AT)).toBe('over');
  });

  test('one of many that come at once counts, and the others know that they do not', async () => {
    const claim = fresh();
    const claims = await Promise.all(Array.from({ length: 8 }, () => inbox.claim(claim, AT)));
    expect(claims.filter((one) => one !== 'busy')).toEqual([1]);
  });

  test('waits for no attempt of a clock that was far ahead', async () => {
    const claim = fresh();
    expect(await inbox.claim(claim, '2026-03-05T05:06:07.089Z')).toBe(1);
    expect(await inbox.claim(claim, AT)).toBe(2);
  });

  test('parks what comes again after its third attempt began and never ended', async () => {
    const claim = fresh();
    for (const attempt of [1, 2, 3]) expect(await inbox.claim(claim, after(attempt))).toBe(attempt);
    expect(await inbox.claim(claim, after(4))).toBe('over');
    expect(await stateOf(claim)).toBe('parked');
    expect(await rowOf(claim)).toMatchObject({ remark: 'the last attempt began and never ended' });
    // The attempt may only have been slow: what it did stands.
    await inbox.finish(claim, AT);
    expect(await stateOf(claim)).toBe('done');
  });

  test('parks with the third failure', async () => {
    const claim = fresh();
    for (const attempt of [1, 2, 3]) {
      expect(await stateOf(claim)).not.toBe('parked');
      expect(await inbox.claim(claim, AT)).toBe(attempt);
      expect(await inbox.fail(claim, attempt, `broken ${attempt}`, AT)).toBe(attempt);
    }
    expect(await stateOf(claim)).toBe('parked');
    expect(await rowOf(claim)).toMatchObject({ consumer_status: 2, consumer_times: 3, remark: 'broken 3' });
    expect(await inbox.claim(claim, AT)).toBe('over');
  });

  test('counts a failed first delivery that was not claimed', async () => {
    const claim = fresh();
    expect(await inbox.fail(claim, 1, 'broken', AT)).toBe(1);
    expect(await stateOf(claim)).toBe('running');
    expect(await inbox.claim(claim, AT)).toBe(2);
    // A late report of an earlier attempt takes nothing back.
    expect(await inbox.fail(claim, 1, 'broken', AT)).toBe(2);
  });

  test('burns no attempt for what had to wait', async () => {
    const [untried, failed] = [fresh(), fresh()];
    await inbox.fail(failed, 1, 'broken', AT);
    for (let round = 0; round < 5; round += 1) {
      expect([await inbox.claim(untried, AT), await inbox.claim(failed, AT)]).toEqual([1, 2]);
      for (const claim of [untried, failed]) await inbox.unclaim(claim);
    }
    expect(await rowOf(untried)).toMatchObject({ consumer_status: 0, consumer_times: 0, remark: '' });
    expect(await rowOf(failed)).toMatchObject({ consumer_status: 2, consumer_times: 1, remark: 'broken' });
  });

  test('an attempt that is kept is under way for as long again, and one that is over is not', async () => {
    const [kept, over] = [fresh(), fresh()];
    for (const claim of [kept, over]) await inbox.claim(claim, AT);
    await inbox.unclaim(over);
    for (const claim of [kept, over]) await inbox.keep(claim, after(1));
    expect(await inbox.claim(kept, after(1.9))).toBe('busy');
    expect(await inbox.claim(over, after(1.9))).toBe(1);
    expect(await inbox.claim(kept, after(3))).toBe(2);
  });

  test('takes back as many as wait, whoever counted last', async () => {
    const claim = fresh();
    await inbox.fail(claim, 1, 'broken', AT);
    expect([await inbox.claim(claim, AT), await inbox.claim(claim, after(1))]).toEqual([2, 3]);
    await inbox.unclaim(claim);
    await inbox.unclaim(claim);
    expect(await rowOf(claim)).toMatchObject({ consumer_status: 2, consumer_times: 1 });
  });

  test('takes back nothing that was given up meanwhile', async () => {
    const claim = fresh();
    await inbox.claim(claim, AT);
    await inbox.park(claim, 'broken', AT);
    await inbox.unclaim(claim);
    expect(await stateOf(claim)).toBe('parked');
  });

  test('never takes back what is done', async () => {
    const claim = fresh();
    await inbox.claim(claim, AT);
    await inbox.finish(claim, AT);
    expect(await inbox.claim(claim, AT)).toBe('over');
    await inbox.fail(claim, 3, 'late', AT);
    await inbox.park(claim, 'late', AT);
    await inbox.unclaim(claim);
    await inbox.withdraw(claim);
    expect(await stateOf(claim)).toBe('done');
    expect(await rowOf(claim)).toMatchObject({ consumer_status: 1, consumer_times: 1, remark: '' });
  });

  test('finishes what was never claimed', async () => {
    const claim = fresh();
    await inbox.finish(claim, AT);
    expect(await stateOf(claim)).toBe('done');
  });

  test('parks at once, with whatever text came', async () => {
    const claim = fresh('not \0 JSON');
    await inbox.park({ ...claim, messageId: 'a\0b' }, `remark \0 ${'x'.repeat(10_000)}`, AT);
    expect(await stateOf(claim)).toBe('parked');
    const row = await rowOf(claim);
    expect(row).toMatchObject({ msg_id: 'a\uFFFDb', msg_body: 'not \uFFFD JSON', consumer_times: 3 });
    expect((row?.['remark'] as string).length).toBeLessThanOrEqual(2_000);
    await inbox.withdraw(claim);
    expect(await stateOf(claim)).toBe('parked');
  });

  test('forgets what turned out to have no effect', async () => {
    const claim = fresh();
    await inbox.claim(claim, AT);
    await inbox.withdraw(claim);
    expect(await stateOf(claim)).toBe('not begun');
    await inbox.unclaim(claim);
  });

  test('tells the states of exactly the keys that are asked for', async () => {
    const [done, running, other] = [fresh(), fresh(), fresh()];
    await inbox.finish(done, AT);
    await inbox.claim(running, AT);
    await inbox.finish({ ...other, group: 'another group' }, AT);
    const keys = [done.key, running.key, other.key, 'unknown'];
    expect(await inbox.states(done.group, done.tag, keys)).toEqual(
      new Map([
        [done.key, 'done'],
        [running.key, 'running'],
      ]),
    );
  });
});
