// A database whose outbox and inbox are empty before each test.
import type { Outbox } from '../../actors/domain/ports/outbox';
import { createOutbox } from '../../persistence/outbox';
import type { TestDatabase } from '../helpers/databases';

/** @param given gets the database, and an outbox that has never looked at it, before each test of the block */
export function eachWithEmptyOutbox(
  open: () => Promise<TestDatabase>,
  given: (fresh: { readonly database: TestDatabase; readonly outbox: Outbox }) => void,
): void {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await open();
  });
  beforeEach(async () => {
    const text = 'truncate trade_mq_producer_temp, trade_mq_consumer_log';
    await database.reader.query({ name: 'truncate', text }, []);
    given({ database, outbox: createOutbox(database.reader) });
  });
  afterAll(() => database.drop());
}
