// Pages of dead letters over databases that sort texts as a language does, and not by their bytes.
import type { GroupName } from '../../actors/domain/events';
import type { Operations } from '../../actors/domain/operations';
import type { DeadLetter } from '../../actors/domain/ports/inbox';
import { createDeadLetters } from '../../persistence/dead-letters';
import { createInbox } from '../../persistence/inbox';
import { createOperations } from '../../persistence/operations';
import { BOOKS, type TestBooks } from '../helpers/databases';

const AT = '2030-01-01T12:00:00.000Z';
const REFUND: GroupName = 'pay_payTopic_refund_group';
const CANCEL: GroupName = 'order_orderTopic_cancel_user_group';
/** By their bytes: the last but one has a higher first half in UTF-16 than the last. */
const REFUNDS = ['B', 'D', 'a', 'c', 'e', '\uff5e', '\u{1f600}'];

describe.each(BOOKS)('on $name', ({ open }) => {
  let books: TestBooks;
  let operations: Operations;
  beforeAll(async () => {
    books = await open();
    const text = 'alter table trade_mq_consumer_log alter column msg_key type text collate "und-x-icu"';
    for (const { reader } of books.databases) await reader.query({ name: '', text }, []);
    operations = createOperations({
      readers: books.readers,
      patientReaders: books.readers,
      deadLetters: books.databases.map(({ reader }) => createDeadLetters(reader)),
      outboxes: [],
      now: () => AT,
    });
    const claim = (group: GroupName, tag: string, key: string) => ({
      group,
      tag,
      key,
      messageId: key,
      body: '{}',
    });
    const payments = createInbox(books.readers.payment);
    const tried = createInbox(books.readers.wallet);
    for (const key of REFUNDS) await payments.park(claim(REFUND, 'pay_refund', key), 'why', AT);
    await tried.park(claim(CANCEL, 'order_cancel', '7'), 'why', AT);
    for (const key of REFUNDS) await payments.fail(claim(REFUND, 'pay_refund', `again ${key}`), 1, 'why', AT);
    await tried.fail(claim(CANCEL, 'order_cancel', '8'), 1, 'why', AT);
  }, 60_000);
  afterAll(() => books.drop());

  const keysOf = async (
    list: (limit: number, after?: string) => Promise<readonly DeadLetter[]>,
    limit: number,
  ): Promise<readonly string[]> => {
    const keys: string[] = [];
    for (let after: string | undefined; ;) {
      const page = await list(limit, after);
      const last = page.at(-1);
      if (!last) return keys;
      keys.push(...page.map(({ key }) => key));
      after = `${last.group}|${last.tag}|${last.key}`;
    }
  };

  test.each([1, 2, 3, 100])('no page of %d leaves one out', async (limit) => {
    expect(await keysOf((...page) => operations.deadLetters(...page), limit)).toEqual(['7', ...REFUNDS]);
    const again = REFUNDS.map((key) => `again ${key}`);
    expect(await keysOf((...page) => operations.retrying(...page), limit)).toEqual(['8', ...again]);
  });
});
