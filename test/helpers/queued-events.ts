// Events in the outbox of a database that no entity's commit has written.
import type { Instant } from '../../actors/domain/envelope';
import type { OutboxEvent } from '../../actors/domain/events';
import type { Queryable, Statement } from '../../persistence/session';

const QUEUE: Statement = {
  name: 'outbox-queue',
  text: `insert into trade_mq_producer_temp (group_name, msg_topic, msg_tag, msg_key, msg_body, create_time)
    select *, $6::timestamptz from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[])`,
};

/** Queues events, as if they had been committed then. */
export async function queueEvents(
  database: Queryable,
  events: readonly OutboxEvent[],
  at: Instant,
): Promise<void> {
  const column = (of: (event: OutboxEvent) => string) => events.map(of);
  await database.query(QUEUE, [
    column((event) => event.producerGroup),
    column((event) => event.topic),
    column((event) => event.tag),
    column((event) => event.key),
    column((event) => JSON.stringify(event.body)),
    at,
  ]);
}
