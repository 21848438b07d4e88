// Dead letters: what was given up after three attempts, or never fitted its schema. Re-driving one counts from
// nothing again and queues its event once more, in one commit; groups that are done with it stay so.
import { MOST_ATTEMPTS, retryAfterMs } from '../actors/domain/attempts';
import type { Instant } from '../actors/domain/envelope';
import { plusMs } from '../actors/domain/instant';
import type { DeadLetter, DeadLetters } from '../actors/domain/ports/inbox';
import { redrivenEvent, type ParkedRow, type RedrivenEvent } from './redriven-event';
import type { Queryable, Statement } from './session';
import { isoUtc } from './stores/iso-utc';

const PARKED = `consumer_status = 2 and consumer_times >= ${MOST_ATTEMPTS}`;
/** By bytes, whatever the database sorts by, so that the pages of several databases can be put together. */
const KEY = `(group_name || '|' || msg_tag || '|' || msg_key) collate "C"`;

const OPEN = `consumer_status <> 1 and not (${PARKED})`;
const COLUMNS = `group_name as "group", msg_tag as tag, msg_key as key, msg_body as body, consumer_times as attempts,
      remark, ${isoUtc('consumer_timestamp', 'time')}`;
const PAGE = `($2::text is null or ${KEY} > $2) order by ${KEY} limit $1`;

const LIST: Statement = {
  name: 'dead-letters-list',
  text: `select ${COLUMNS} from trade_mq_consumer_log where ${PARKED} and ${PAGE}`,
};

const RETRYING: Statement = {
  name: 'dead-letters-retrying',
  text: `select ${COLUMNS}, consumer_status = 2 as failed from trade_mq_consumer_log where ${OPEN} and ${PAGE}`,
};

const FIND: Statement = {
  name: 'dead-letters-find',
  text: `select group_name as "group", msg_tag as tag, msg_key as key, msg_body as body from trade_mq_consumer_log
    where ${PARKED} and ($3::text is null or group_name = $3) and ($4::text is null or msg_tag = $4)
      and ($5::text is null or msg_key = $5) and ${PAGE}`,
};

/**
 * What never fitted its schema was counted under its message's id, and comes again under another: its row would
 * wait for ever, so it goes. Rows are locked in one order, so that two who re-drive the same at once wait for each
 * other, and the second finds nothing left to do.
 */
const REDRIVE: Statement = {
  name: 'dead-letters-redrive',
  text: `
with wanted as (
  select * from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::boolean[])
    as w(group_name, msg_tag, msg_key, topic, event_key, body, poison)),
parked as (
  select l.group_name, l.msg_tag, l.msg_key, w.poison from trade_mq_consumer_log l
  join wanted w using (group_name, msg_tag, msg_key) where ${PARKED}
  order by l.group_name, l.msg_tag, l.msg_key for update of l),
counted as (
  update trade_mq_consumer_log l set consumer_status = 0, consumer_times = 0, consumer_timestamp = $8
  from parked p where not p.poison and (l.group_name, l.msg_tag, l.msg_key) = (p.group_name, p.msg_tag, p.msg_key)
  returning l.group_name, l.msg_tag, l.msg_key),
gone as (
  delete from trade_mq_consumer_log l
  using parked p where p.poison and (l.group_name, l.msg_tag, l.msg_key) = (p.group_name, p.msg_tag, p.msg_key)
  returning l.group_name, l.msg_tag, l.msg_key),
taken as (select * from counted union all select * from gone),
queued as (
  insert into trade_mq_producer_temp (group_name, msg_topic, msg_tag, msg_key, msg_body, create_time)
  select distinct 'redrive', w.topic, w.msg_tag, w.event_key, w.body, $8::timestamptz
  from wanted w join taken using (group_name, msg_tag, msg_key))
select count(*)::int as redriven from taken`,
};

const COUNT: Statement = {
  name: 'dead-letters-count',
  text: `select count(*) filter (where ${PARKED})::int as parked, count(*) filter (where not (${PARKED}))::int as retrying
    from trade_mq_consumer_log where consumer_status <> 1`,
};

/** What is re-driven in one statement, and one page of what is looked through. */
const REDRIVE_PAGE = 500;

export function createDeadLetters(reader: Queryable): DeadLetters {
  const redrivePage = async (rows: readonly ParkedRow[], at: Instant): Promise<number> => {
    const events = rows.flatMap((row) => redrivenEvent(row) ?? []);
    const column = (of: (event: RedrivenEvent) => unknown) => events.map(of);
    const [row] = await reader.query<{ redriven: number }>(REDRIVE, [
      column((event) => event.row.group),
      column((event) => event.row.tag),
      column((event) => event.row.key),
      column((event) => event.topic),
      column((event) => event.key),
      column((event) => event.body),
      column((event) => event.isPoison),
      at,
    ]);
    return row?.redriven ?? 0;
  };
  return {
    /** @param after where the page before ended: `<group>|<tag>|<key>` */
    list: (limit, after) => reader.query<DeadLetter>(LIST, [limit, after ?? null]),
    async retrying(limit, after) {
      const rows = await reader.query<DeadLetter & { failed: boolean }>(RETRYING, [limit, after ?? null]);
      return rows.map(({ failed, ...row }) => ({
        ...row,
        nextTime: failed ? plusMs(row.time, retryAfterMs(row.attempts)) : undefined,
      }));
    },
    async redrive({ group, tag, key }, at) {
      let redriven = 0;
      for (let after: string | undefined; ;) {
        const named = [group ?? null, tag ?? null, key ?? null];
        const rows = await reader.query<ParkedRow>(FIND, [REDRIVE_PAGE, after ?? null, ...named]);
        const last = rows.at(-1);
        if (!last) return redriven;
        redriven += await redrivePage(rows, at);
        after = `${last.group}|${last.tag}|${last.key}`;
      }
    },
    async count() {
      const [row] = await reader.query<{ parked: number; retrying: number }>(COUNT, []);
      return row ?? { parked: 0, retrying: 0 };
    },
  };
}
