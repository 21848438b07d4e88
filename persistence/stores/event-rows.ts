// Rows of the outbox on their way into the flush of the fact that caused them (promise 1).
import type { OutboxEvent, Stream, Tag } from '../../actors/domain/events';
import type { OutboxRow } from '../../actors/domain/ports/outbox';
import { arraysOf, unnest, type Column } from './batch-columns';

/** An event and the entity whose change it follows from. */
export interface EventRow {
  readonly entityId: string;
  readonly event: OutboxEvent;
}

const COLUMNS: readonly Column<EventRow>[] = [
  { name: 'entity_id', type: 'bigint', value: (row) => row.entityId },
  { name: 'group_name', type: 'text', value: (row) => row.event.producerGroup },
  { name: 'msg_topic', type: 'text', value: (row) => row.event.topic },
  { name: 'msg_tag', type: 'text', value: (row) => row.event.tag },
  { name: 'msg_key', type: 'text', value: (row) => row.event.key },
  { name: 'msg_body', type: 'text', value: (row) => JSON.stringify(row.event.body) },
];

/** How many parameters `eventArrays` makes. */
export const EVENT_WIDTH = COLUMNS.length;

/**
 * The CTE `events`: the events of the ids in the statement's CTE `changed`, and of nothing else (R4).
 * @param first the number of the first of the parameters of `eventArrays`
 * @param now the number of the parameter with the time
 */
export const eventsCte = (first: number, now: number): string => `
  events as (
    insert into trade_mq_producer_temp (group_name, msg_topic, msg_tag, msg_key, msg_body, create_time)
    select group_name, msg_topic, msg_tag, msg_key, msg_body, $${now}::timestamptz
    from ${unnest(COLUMNS, first, 'e')} where entity_id in (select id from changed)
    returning id, msg_topic, msg_tag, msg_key, msg_body)`;

/** The parameters of `eventsCte`. */
export const eventArrays = (events: readonly EventRow[]): unknown[] => arraysOf(COLUMNS, events);

/** A row as `eventsCte` returns it. */
export interface InsertedEvent {
  readonly outbox_id: string;
  readonly msg_topic: Stream;
  readonly msg_tag: Tag;
  readonly msg_key: string;
}

/** The rows that were inserted, with the bodies that they were made of, for the relay to publish at once. */
export function outboxRowsOf(
  inserted: readonly InsertedEvent[],
  events: readonly EventRow[],
  createTime: string,
): readonly OutboxRow[] {
  const key = (topic: string, tag: string, name: string): string => `${topic}:${tag}:${name}`;
  const byKey = new Map(events.map(({ event }) => [key(event.topic, event.tag, event.key), event]));
  return inserted.flatMap((row) => {
    const event = byKey.get(key(row.msg_topic, row.msg_tag, row.msg_key));
    return event ? [{ id: row.outbox_id, event, createTime, replayed: false }] : [];
  });
}
