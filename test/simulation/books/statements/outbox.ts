// The statements of persistence/outbox.ts.
import type { Instant } from '../../../../actors/domain/envelope';
import { arrayOf, batch, text } from '../batch';
import type { ProducerRow } from '../rows';
import type { ShopTables } from '../tables';
import { insertEvent } from './events';
import type { Statements } from './statement';

const EVENTS = batch({ group_name: text, msg_topic: text, msg_tag: text, msg_key: text, msg_body: text });
const TIME = 6;

const isUnsent = (row: ProducerRow): boolean => row.msg_status === 0;
const isSent = (row: ProducerRow): boolean => row.msg_status === 1;

/** The rows that fit, by id: that is the order in which they came. */
const page = ({ outbox }: ShopTables, limit: unknown, fits: (row: ProducerRow) => boolean) =>
  outbox
    .where(fits)
    .sort((left, right) => left.id - right.id)
    .slice(0, limit as number)
    .map((row) => ({ ...row, id: String(row.id), replayed: isUnsent(row) && row.sent_time !== null }));

function markSent({ outbox }: ShopTables, [ids, at]: readonly unknown[]): readonly object[] {
  for (const id of arrayOf(ids)) {
    const row = outbox.get(id ?? '');
    if (row) outbox.replace({ ...row, msg_status: 1, sent_time: at as Instant });
  }
  return [];
}

function sendAgain({ outbox }: ShopTables, [ids]: readonly unknown[]): readonly object[] {
  for (const id of arrayOf(ids)) {
    const row = outbox.get(id ?? '');
    if (row && isSent(row)) outbox.replace({ ...row, msg_status: 0 });
  }
  return [];
}

function replay({ outbox }: ShopTables, [topic, key]: readonly unknown[]): readonly object[] {
  const rows = outbox.where(
    (row) => isSent(row) && row.msg_topic === topic && (key === null || row.msg_key === key),
  );
  for (const row of rows) outbox.replace({ ...row, msg_status: 0 });
  return rows.map(({ id }) => ({ id: String(id) }));
}

export const OUTBOX: Statements = {
  'outbox-unsent': (tables, [before, limit]) =>
    page(tables, limit, (row) => isUnsent(row) && row.create_time < (before as Instant)),
  'outbox-sent': (tables, [after, limit]) =>
    page(tables, limit, (row) => isSent(row) && row.id > Number(after)),
  'outbox-mark-sent': markSent,
  'outbox-send-again': sendAgain,
  'outbox-remove': ({ outbox }, [ids]) => {
    for (const id of arrayOf(ids)) outbox.delete(id ?? '');
    return [];
  },
  // Of test/helpers/queued-events.ts.
  'outbox-queue': (tables, values) => {
    for (const event of EVENTS.rows(values, 1)) insertEvent(tables, event, values[TIME - 1] as Instant);
    return [];
  },
  'outbox-replay': replay,
  'outbox-counts': ({ outbox }) => {
    const unsent = outbox.where(isUnsent);
    const oldest = unsent.map((row) => row.create_time).sort()[0];
    const sent = outbox.where(isSent).length;
    return [{ unsent: unsent.length, sent, oldestUnsent: oldest ?? null }];
  },
};
