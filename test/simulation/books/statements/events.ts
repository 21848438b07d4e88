// The rest of a versioned statement: the events and consumptions of the rows that really changed (R4, R11).
import type { Instant } from '../../../../actors/domain/envelope';
import { batch, text } from '../batch';
import type { ProducerRow } from '../rows';
import type { ShopTables } from '../tables';
import { writeClaims } from './inbox-claims';

const EVENTS = batch({
  entity_id: text,
  group_name: text,
  msg_topic: text,
  msg_tag: text,
  msg_key: text,
  msg_body: text,
});

type Event = Pick<ProducerRow, 'group_name' | 'msg_topic' | 'msg_tag' | 'msg_key' | 'msg_body'>;

/** @returns the row's id */
export function insertEvent(tables: ShopTables, event: Event, at: Instant): number {
  const id = tables.nextOutboxId();
  tables.outbox.insert({ id, ...event, msg_status: 0, create_time: at, sent_time: null });
  return id;
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
  const inserted: object[] = [];
  for (const { entity_id: entityId, ...event } of EVENTS.rows(values, eventsFrom)) {
    if (!changed.has(entityId)) continue;
    const id = insertEvent(tables, event, at);
    const { msg_topic, msg_tag, msg_key } = event;
    inserted.push({ changed_id: null, outbox_id: String(id), msg_topic, msg_tag, msg_key });
  }
  writeClaims(tables, values, eventsFrom + EVENTS.width, at, (effect) => changed.has(effect));
  return [...[...changed].map((id) => ({ changed_id: id })), ...inserted];
}
