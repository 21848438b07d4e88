// The inbox of a database: what each group has consumed, and how often it has tried. The count is committed
// before a later attempt begins, and a third failure parks the event (R11, fault 6).
import { MOST_ATTEMPTS } from '../actors/domain/attempts';
import type { InboxClaim } from '../actors/domain/envelope';
import { plusMs } from '../actors/domain/instant';
import type { ConsumptionKey, ConsumptionState, Inbox } from '../actors/domain/ports/inbox';
import type { Queryable, Statement } from './session';
import { withoutNul } from './stores/inbox-claims';

const statement = (name: string, text: string): Statement => ({ name: `inbox-${name}`, text });

const INSERT = `insert into trade_mq_consumer_log as log (msg_id, group_name, msg_tag, msg_key, msg_body,
    consumer_timestamp, consumer_status, consumer_times, remark)`;
const CONFLICT =
  'on conflict (group_name, msg_tag, msg_key) do update set consumer_timestamp = excluded.consumer_timestamp';

const isOver = (row: string): string =>
  `(${row}.consumer_status = 1 or ${row}.consumer_status = 2 and ${row}.consumer_times >= ${MOST_ATTEMPTS})`;

/** A clock that is far ahead, as of a node that is gone, must not keep an event from the others. */
const isBusy = `log.consumer_status = 0 and log.consumer_times > 0
      and log.consumer_timestamp between $8::timestamptz and $9::timestamptz`;

/** The second branch answers only if nothing was claimed; no row at all means that another has just inserted it: busy. */
const CLAIM = statement(
  'claim',
  `with claimed as (
    ${INSERT} values ($1, $2, $3, $4, $5, $6, 0, 1, '')
    ${CONFLICT}, consumer_times = least(log.consumer_times + 1, ${MOST_ATTEMPTS}),
      consumer_status = case when log.consumer_times < ${MOST_ATTEMPTS} then 0 else 2 end,
      remark = case when log.consumer_times < ${MOST_ATTEMPTS} then log.remark else $7 end
    where not ${isOver('log')} and not (${isBusy})
    returning consumer_times as times, consumer_status as status)
  select times, status <> 0 as over from claimed
  union all select 0, ${isOver('log')} from trade_mq_consumer_log log
    where group_name = $2 and msg_tag = $3 and msg_key = $4 and not exists (select from claimed)`,
);
const KEEP = statement(
  'keep',
  `update trade_mq_consumer_log set consumer_timestamp = $4
    where group_name = $1 and msg_tag = $2 and msg_key = $3 and consumer_status = 0 and consumer_times > 0`,
);
/** What has failed before counts as failed again. */
const UNCLAIM = statement(
  'unclaim',
  `update trade_mq_consumer_log log
    set consumer_times = consumer_times - 1, consumer_status = case when consumer_times > 1 then 2 else 0 end
    where group_name = $1 and msg_tag = $2 and msg_key = $3 and consumer_times > 0 and not ${isOver('log')}`,
);
const FAIL = statement(
  'fail',
  `${INSERT} values ($1, $2, $3, $4, $5, $6, 2, $7, $8)
    ${CONFLICT}, consumer_status = 2, consumer_times = greatest(log.consumer_times, excluded.consumer_times),
      remark = excluded.remark
    where log.consumer_status <> 1
    returning consumer_times as times`,
);
const FINISH = statement(
  'finish',
  `${INSERT} values ($1, $2, $3, $4, $5, $6, 1, 1, '')
    ${CONFLICT}, consumer_status = 1, remark = '' where log.consumer_status <> 1`,
);
const WITHDRAW = statement(
  'withdraw',
  `delete from trade_mq_consumer_log where group_name = $1 and msg_tag = $2 and msg_key = $3
    and consumer_status <> 1 and consumer_times < ${MOST_ATTEMPTS}`,
);
const STATES = statement(
  'states',
  `select msg_key as key, consumer_status as status, consumer_times as times
    from unnest($3::text[]) as asked(key) cross join lateral (
      select msg_key, consumer_status, consumer_times from trade_mq_consumer_log
      where group_name = $1 and msg_tag = $2 and msg_key = asked.key limit 1) log`,
);

/** An event whose last attempt killed its node is parked by the delivery after it, or it would vanish. */
const NEVER_ENDED = 'the last attempt began and never ended';

/** An attempt that nobody has said for so long to be under way is not: its node is gone. */
const ATTEMPT_MS = 15_000;

/** A remark is for people: more than this is not read. */
const LONGEST_REMARK = 2_000;

export function createInbox(reader: Queryable): Inbox {
  return {
    async claim(claim, at) {
      const [row] = await reader.query<{ times: number; over: boolean }>(CLAIM, [
        ...valuesOf(claim, at),
        NEVER_ENDED,
        plusMs(at, -ATTEMPT_MS),
        plusMs(at, ATTEMPT_MS),
      ]);
      if (row?.over) return 'over';
      return row && row.times > 0 ? row.times : 'busy';
    },
    async keep(key, at) {
      await reader.query(KEEP, [...keyOf(key), at]);
    },
    async unclaim(key) {
      await reader.query(UNCLAIM, keyOf(key));
    },
    async fail(claim, attempt, remark, at) {
      const [row] = await reader.query<{ times: number }>(FAIL, [
        ...valuesOf(claim, at),
        attempt,
        remarkOf(remark),
      ]);
      return row?.times ?? attempt;
    },
    async park(claim, remark, at) {
      await reader.query(FAIL, [...valuesOf(claim, at), MOST_ATTEMPTS, remarkOf(remark)]);
    },
    async finish(claim, at) {
      await reader.query(FINISH, valuesOf(claim, at));
    },
    async withdraw(key) {
      await reader.query(WITHDRAW, keyOf(key));
    },
    async states(group, tag, keys) {
      const rows = await reader.query<{ key: string; status: 0 | 1 | 2; times: number }>(STATES, [
        group,
        tag,
        keys,
      ]);
      return new Map(rows.map(({ key, status, times }) => [key, stateOf(status, times)]));
    },
  };
}

const stateOf = (status: 0 | 1 | 2, times: number): ConsumptionState =>
  status === 1 ? 'done' : status === 2 && times >= MOST_ATTEMPTS ? 'parked' : 'running';

const keyOf = ({ group, tag, key }: ConsumptionKey): unknown[] => [group, tag, withoutNul(key)];

const valuesOf = (claim: InboxClaim, at: string): unknown[] => [
  withoutNul(claim.messageId),
  claim.group,
  claim.tag,
  withoutNul(claim.key),
  withoutNul(claim.body),
  at,
];

const remarkOf = (remark: string): string => withoutNul(remark).slice(0, LONGEST_REMARK);
