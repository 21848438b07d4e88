// Rows of the outbox and the inbox on their way into the flush of the fact that caused them (promise 1).
import type { InboxClaim } from '../../actors/domain/envelope';
import type { OutboxEvent, Stream, Tag } from '../../actors/domain/events';
import type { OutboxRow } from '../../actors/domain/ports';
import type { Column } from './batch-columns';

/** An event and the entity whose change it follows from. */
export interface EventRow {
  readonly entityId: string;
  readonly event: OutboxEvent;
  readonly at: string;
}

export const EVENT_COLUMNS: readonly Column<EventRow>[] = [
  { name: 'entity_id', type: 'bigint', value: (row) => row.entityId },
  { name: 'group_name', type: 'text', value: (row) => row.event.producerGroup },
  { name: 'msg_topic', type: 'text', value: (row) => row.event.topic },
  { name: 'msg_tag', type: 'text', value: (row) => row.event.tag },
  { name: 'msg_key', type: 'text', value: (row) => row.event.key },
  { name: 'msg_body', type: 'text', value: (row) => JSON.stringify(row.event.body) },
  { name: 'create_time', type: 'timestamptz', value: (row) => row.at },
];

/** Inserts the events of the ids in the statement's CTE `changed`, and of nothing else (R4). */
export const insertEvents = (source: string): string => `
  insert into trade_mq_producer_temp (group_name, msg_topic, msg_tag, msg_key, msg_body, create_time)
  select e.group_name, e.msg_topic, e.msg_tag, e.msg_key, e.msg_body, e.create_time
  from ${source} where e.entity_id in (select id from changed)
  returning id, msg_topic, msg_tag, msg_key`;

/** A row as `insertEvents` returns it. */
export interface InsertedEvent {
  readonly outbox_id: string;
  readonly msg_topic: string;
  readonly msg_tag: string;
  readonly msg_key: string;
}

/** The rows that were inserted, with the bodies that they were made of, for the relay to publish at once. */
export function outboxRowsOf(
  inserted: readonly InsertedEvent[],
  events: readonly EventRow[],
): readonly OutboxRow[] {
  const byKey = new Map(events.map((row) => [`${row.event.tag}:${row.event.key}`, row]));
  return inserted.flatMap((row) => {
    const source = byKey.get(`${row.msg_tag}:${row.msg_key}`);
    if (!source) return [];
    const event = { ...source.event, topic: row.msg_topic as Stream, tag: row.msg_tag as Tag };
    return [{ id: row.outbox_id, event, createTime: source.at, replayed: false }];
  });
}

/** An inbox claim and the entity that has its effect. */
export interface ClaimRow {
  readonly entityId: string;
  readonly claim: InboxClaim;
  readonly at: string;
  /** Whether it stands only if the entity's change goes through in the same statement. */
  readonly needsChange: boolean;
}

/** PostgreSQL stores every character but NUL. */
export const withoutNul = (text: string): string => text.replaceAll('\0', '\uFFFD');

export const CLAIM_COLUMNS: readonly Column<ClaimRow>[] = [
  { name: 'entity_id', type: 'bigint', value: (row) => row.entityId },
  { name: 'msg_id', type: 'text', value: (row) => withoutNul(row.claim.messageId) },
  { name: 'group_name', type: 'text', value: (row) => row.claim.group },
  { name: 'msg_tag', type: 'text', value: (row) => row.claim.tag },
  { name: 'msg_key', type: 'text', value: (row) => row.claim.key },
  { name: 'msg_body', type: 'text', value: (row) => withoutNul(row.claim.body) },
  { name: 'at', type: 'timestamptz', value: (row) => row.at },
  { name: 'needs_change', type: 'boolean', value: (row) => row.needsChange },
];

/** Records consumptions as done, with the effect that they had (`changed`); what is done already stays (R11). */
export const finishClaims = (source: string): string => `
  insert into trade_mq_consumer_log as log
    (msg_id, group_name, msg_tag, msg_key, msg_body, consumer_status, consumer_times, consumer_timestamp)
  select c.msg_id, c.group_name, c.msg_tag, c.msg_key, c.msg_body, 1, 1, c.at from ${source}
  where not c.needs_change or c.entity_id in (select id from changed)
  on conflict (group_name, msg_tag, msg_key) do update
    set consumer_status = 1, consumer_times = greatest(1, log.consumer_times),
        consumer_timestamp = excluded.consumer_timestamp, remark = ''
    where log.consumer_status <> 1`;

/** The key that two entries with the same claim have in common (R5). */
export const claimKey = ({ group, tag, key }: InboxClaim): string => `inbox:${group}:${tag}:${key}`;

export const claimsOf = (
  entries: readonly { id: string; facts: readonly unknown[]; inbox?: InboxClaim }[],
  at: string,
): readonly ClaimRow[] =>
  entries.flatMap(({ id, facts, inbox }) =>
    inbox ? [{ entityId: id, claim: inbox, at, needsChange: facts.length > 0 }] : [],
  );
