// The rest of a versioned statement: the events and consumptions of the rows that really changed (R4, R11).
import type { Instant } from '../../../../actors/domain/envelope';
import { batch, text } from '../batch';
import type { ProducerRow } from '../rows';
import type { ShopTables } from '../tables';
import { writeClaims } from './inbox-claims';

export const EVENTS = batch({
  entity_id: text,
  group_name: text,
  msg_topic: text,
  msg_tag: text,
  msg_key: text,
  msg_body: text,
});

type Event = Pick<ProducerRow, 'group_name' | 'msg_topic' | 'msg_tag' | 'msg_key' | 'msg_body'>;

interface InsertedEvent {
  readonly outbox_id: string;
  readonly msg_topic: string;
  readonly msg_tag: string;
  readonly msg_key: string;
  readonly msg_body: string;
}

/** A new event among the other parts that the statement of a joint commit returns. */
export const eventPart = (row: InsertedEvent) => ({
  part: 'event',
  id: row.outbox_id,
  first: row.msg_topic,
  second: row.msg_tag,
  third: row.msg_key,
});

/** @returns the row's id */
export function insertEvent(tables: ShopTables, event: Event, at: Instant): number {
  const id = tables.nextOutboxId();
  tables.outbox.insert({ id, ...event, msg_status: 0, create_time: at, sent_time: null });
  return id;
}

/** The events of the rows that really changed. @param first the number of their first parameter @returns the new rows */
export function writeEvents(
  tables: ShopTables,
  values: readonly unknown[],
  first: number,
  at: Instant,
  changed: ReadonlySet<string>,
): readonly InsertedEvent[] {
  return EVENTS.rows(values, first).flatMap(({ entity_id: entityId, ...event }) => {
    if (!changed.has(entityId)) return [];
    const { group_name: _producer, ...sent } = event;
    return [{ outbox_id: String(insertEvent(tables, event, at)), ...sent }];
  });
}

/**
 * @param changes how many parameters the changes have; the time follows them, then the events and the claims
 * @param changed the ids of the rows that really changed
 * @returns what the statement returns
 */
export function finishVersioned(
  tables: ShopTables,
  values: readonly unknown[],
  changes: number,
  changed: ReadonlySet<string>,
): readonly object[] {
  const at = values[changes] as Instant;
  const eventsFrom = changes + 2;
  const inserted = writeEvents(tables, values, eventsFrom, at, changed);
  writeClaims(tables, values, eventsFrom + EVENTS.width, at, (effect) => changed.has(effect));
  return [
    ...[...changed].map((id) => ({ changed_id: id })),
    ...inserted.map(({ msg_body: _body, ...row }) => ({ changed_id: null, ...row })),
  ];
}
