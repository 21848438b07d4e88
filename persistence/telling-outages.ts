// That the database is away is nobody's fault who asks: people are told to come again, and nothing else makes of it a failure.
import { RetryableError } from '../actors/domain/errors';
import type { Queryable } from './session';
import { isOutage, messageOf } from './sql-errors';

/** The same statements; an outage of the database rejects with RetryableError, whatever else it says with its own. */
export const tellingOutages = (reader: Queryable): Queryable => ({
  async query<Row>(...asked: Parameters<Queryable['query']>) {
    try {
      return await reader.query<Row>(...asked);
    } catch (error) {
      if (!isOutage(error)) throw error;
      throw new RetryableError(`the database cannot do it now: ${messageOf(error)}`, { cause: error });
    }
  },
});
