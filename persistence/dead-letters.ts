// Dead letters: what was given up after three attempts, or never fitted its schema. Re-driving one counts from
// nothing again and queues its event once more, in one commit; groups that are done with it stay so.
import { MOST_ATTEMPTS } from '../actors/domain/attempts';
import type { ConsumptionKey, DeadLetter, DeadLetters } from '../actors/domain/ports';
import { redrivenEvent, type ParkedRow, type RedrivenEvent } from './redriven-event';
import type { Queryable, Statement } from './session';
import { isoUtc } from './stores/iso-utc';

const PARKED = `consumer_status = 2 and consumer_times >= ${MOST_ATTEMPTS}`;
const KEY = `group_name || '|' || msg_tag || '|' || msg_key`;

const LIST: Statement = {
  name: 'dead-letters-list',
  text: `select group_name as "group", msg_tag as tag, msg_key as key, msg_body as body, consumer_times as attempts,
      remark, ${isoUtc('consumer_timestamp', 'time')}
    from trade_mq_consumer_log
    where ${PARKED} and ($2::text is null or ${KEY} > $2) order by ${KEY} limit $1`,
};

const FIND: Statement = {
  name: 'dead-letters-find',
  text: `select group_name as "group", msg_tag as tag, msg_key as key, msg_body as body from trade_mq_consumer_log
    where ${PARKED} and ($1::text is null or group_name = $1) and ($2::text is null or msg_tag = $2)
      and ($3::text is null or msg_key = $3)`,
};

/**
 * What never fitted its schema was counted under its message's id, and comes again under another: its row would
 * wait for ever, so it goes.
 */
const REDRIVE: Statement = {
  name: 'dead-letters-redrive',
  text: `
with wanted as (
  select * from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::boolean[])
    as w(group_name, msg_tag, msg_key, topic, event_key, body, poison)),
counted as (
  update trade_mq_consumer_log l set consumer_status = 0, consumer_times = 0, consumer_timestamp = $8
  from wanted w where not w.poison and ${PARKED}
    and (l.group_name, l.msg_tag, l.msg_key) = (w.group_name, w.msg_tag, w.msg_key)
  returning l.group_name, l.msg_tag, l.msg_key),
gone as (
  delete from trade_mq_consumer_log l
  using wanted w where w.poison and ${PARKED}
    and (l.group_name, l.msg_tag, l.msg_key) = (w.group_name, w.msg_tag, w.msg_key)
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
  text: `select count(*)::int as count from trade_mq_consumer_log where ${PARKED}`,
};

export function createDeadLetters(reader: Queryable): DeadLetters {
  const find = ({ group, tag, key }: Partial<ConsumptionKey>) =>
    reader.query<ParkedRow>(FIND, [group ?? null, tag ?? null, key ?? null]);
  return {
    /** @param after where the page before ended: `<group>|<tag>|<key>` */
    list: (limit, after) => reader.query<DeadLetter>(LIST, [limit, after ?? null]),
    async redrive(which, at) {
      const events = (await find(which)).flatMap((row) => redrivenEvent(row) ?? []);
      const column = (of: (event: RedrivenEvent) => unknown) => events.map(of);
      const [row] = await reader.query<{ redriven: number }>(REDRIVE, [
        column((event) => event.row.group),
        column((event) => event.row.tag),
        column((event) => event.row.key),
        column((event) => event.topic),
        column((event) => event.key),
        column((event) => event.row.body),
        column((event) => event.isPoison),
        at,
      ]);
      return row?.redriven ?? 0;
    },
    async count() {
      const [row] = await reader.query<{ count: number }>(COUNT, []);
      return row?.count ?? 0;
    },
  };
}
