// The outbox of a database: rows that entities committed with their facts, on their way to the broker.
import type { OutboxEvent, Stream, Tag } from '../actors/domain/events';
import type { Outbox, OutboxRow, SentRow } from '../actors/domain/ports/outbox';
import type { Queryable, Statement } from './session';
import { isoUtc } from './stores/iso-utc';

interface Row {
  readonly id: string;
  readonly group_name: string;
  readonly msg_topic: string;
  readonly msg_tag: string;
  readonly msg_key: string;
  readonly msg_body: string;
  readonly create_time: string;
  readonly replayed: boolean;
}

interface Sent extends Row {
  readonly sent_time: string;
}

const COLUMNS = `id, group_name, msg_topic, msg_tag, msg_key, msg_body, ${isoUtc('create_time')},
  (msg_status = 0 and sent_time is not null) as replayed`;

const statement = (name: string, text: string): Statement => ({ name: `outbox-${name}`, text });

const UNSENT = statement(
  'unsent',
  `select ${COLUMNS} from trade_mq_producer_temp o
    where msg_status = 0 and o.create_time < $1 order by id limit $2`,
);
const SENT = statement(
  'sent',
  `select ${COLUMNS}, ${isoUtc('sent_time')} from trade_mq_producer_temp o
    where msg_status = 1 and id > $1 order by id limit $2`,
);
const MARK_SENT = statement(
  'mark-sent',
  'update trade_mq_producer_temp set msg_status = 1, sent_time = $2 where id = any($1::bigint[])',
);
const SEND_AGAIN = statement(
  'send-again',
  'update trade_mq_producer_temp set msg_status = 0 where msg_status = 1 and id = any($1::bigint[])',
);
const REMOVE = statement('remove', 'delete from trade_mq_producer_temp where id = any($1::bigint[])');
const REPLAY = statement(
  'replay',
  `update trade_mq_producer_temp set msg_status = 0
    where msg_status = 1 and msg_topic = $1 and ($2::text is null or msg_key = $2) returning id`,
);
const COUNTS = statement(
  'counts',
  `select count(*) filter (where msg_status = 0)::int as unsent, count(*) filter (where msg_status = 1)::int as sent,
    ${isoUtc('min(create_time) filter (where msg_status = 0)', '"oldestUnsent"')} from trade_mq_producer_temp`,
);

export function createOutbox(reader: Queryable): Outbox {
  // Where the last look for settled rows ended: a few that stay must not hide the others.
  let settledUpTo = '0';
  const sent: Outbox['sent'] = async (after, limit) =>
    (await reader.query<Sent>(SENT, [after, limit])).map(sentRowOf);
  return {
    async unsent(before, limit) {
      return (await reader.query<Row>(UNSENT, [before, limit])).map(rowOf);
    },
    sent,
    async markSent(ids, at) {
      await reader.query(MARK_SENT, [ids, at]);
    },
    async toSettle(limit) {
      const rows = await sent(settledUpTo, limit);
      settledUpTo = rows.length < limit ? '0' : (rows.at(-1)?.id ?? '0');
      return rows;
    },
    async sendAgain(ids) {
      await reader.query(SEND_AGAIN, [ids]);
    },
    async remove(ids) {
      await reader.query(REMOVE, [ids]);
    },
    async replay(topic, key) {
      return (await reader.query(REPLAY, [topic, key ?? null])).length;
    },
    async counts() {
      const [row] = await reader.query<{ unsent: number; sent: number; oldestUnsent: string | null }>(
        COUNTS,
        [],
      );
      return { unsent: row?.unsent ?? 0, sent: row?.sent ?? 0, oldestUnsent: row?.oldestUnsent ?? undefined };
    },
  };
}

/** A row that somebody wrote by hand must not keep the others from leaving: its groups park it. */
function bodyOf(text: string): OutboxEvent['body'] {
  try {
    const body: unknown = JSON.parse(text);
    if (typeof body === 'object' && body !== null && !Array.isArray(body)) return { ...body };
  } catch {
    // It is no JSON.
  }
  return { unreadable: text };
}

const rowOf = (row: Row): OutboxRow => ({
  id: row.id,
  event: {
    producerGroup: row.group_name,
    topic: row.msg_topic as Stream,
    tag: row.msg_tag as Tag,
    key: row.msg_key,
    body: bodyOf(row.msg_body),
  },
  createTime: row.create_time,
  replayed: row.replayed,
});

const sentRowOf = (row: Sent): SentRow => ({ ...rowOf(row), sentTime: row.sent_time });
