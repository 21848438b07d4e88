// Dead letters: what was given up after three attempts, or never fitted its schema. Re-driving one counts from
// nothing again and queues its event once more, in one commit; groups that are done with it stay so. What did not
// fit its schema is only listed: it would never fit.
import { GROUPS } from '../actors/domain/events';
import type { DeadLetter, DeadLetters } from '../actors/domain/ports';
import type { Queryable, Statement } from './session';
import { isoUtc } from './stores/iso-utc';

const PARKED = 'consumer_status = 2 and consumer_times >= 3';

const LIST: Statement = {
  name: 'dead-letters-list',
  text: `select group_name as "group", msg_tag as tag, msg_key as key, msg_body as body, consumer_times as attempts,
      remark, ${isoUtc('consumer_timestamp', 'time')}
    from trade_mq_consumer_log
    where ${PARKED} and ($2::text is null or group_name || '|' || msg_tag || '|' || msg_key > $2)
    order by group_name || '|' || msg_tag || '|' || msg_key limit $1`,
};

const REDRIVE: Statement = {
  name: 'dead-letters-redrive',
  text: `
with taken as (
  update trade_mq_consumer_log set consumer_status = 0, consumer_times = 0, consumer_timestamp = $4
  where ${PARKED} and ($1::text is null or group_name = $1) and ($2::text is null or msg_tag = $2)
    and ($3::text is null or msg_key = $3) and msg_key not like 'poison:%'
  returning msg_tag, msg_key, msg_body),
queued as (
  insert into trade_mq_producer_temp (group_name, msg_topic, msg_tag, msg_key, msg_body, create_time)
  select distinct 'redrive', t.topic, k.msg_tag, 
    case k.msg_tag when 'order_cancel' then split_part(k.msg_key, ':', 1) else k.msg_key end, k.msg_body, $4::timestamptz
  from taken k join unnest($5::text[], $6::text[]) as t(tag, topic) on t.tag = k.msg_tag
  where k.msg_body <> '')
select count(*)::int as redriven from taken`,
};

const COUNT: Statement = {
  name: 'dead-letters-count',
  text: `select count(*)::int as count from trade_mq_consumer_log where ${PARKED}`,
};

export function createDeadLetters(reader: Queryable): DeadLetters {
  return {
    list: (limit, after) => reader.query<DeadLetter>(LIST, [limit, after ?? null]),
    async redrive({ group, tag, key }, at) {
      const tags = [...new Map(GROUPS.map((one) => [one.tag, one.topic])).entries()];
      const [row] = await reader.query<{ redriven: number }>(REDRIVE, [
        group ?? null,
        tag ?? null,
        key ?? null,
        at,
        tags.map(([name]) => name),
        tags.map(([, topic]) => topic),
      ]);
      return row?.redriven ?? 0;
    },
    async count() {
      const [row] = await reader.query<{ count: number }>(COUNT, []);
      return row?.count ?? 0;
    },
  };
}
