// A consumption is recorded as done in the statement that has its effect, and only with it (R11).
import type { InboxClaim } from '../../actors/domain/envelope';
import { arraysOf, unnest, type Column } from './batch-columns';

/** A claim, and the place in the batch of the entry whose effect it needs; null if that has no facts. */
interface ClaimRow {
  readonly entry: number | null;
  readonly claim: InboxClaim;
}

/** PostgreSQL's text cannot hold NUL, and a body may be anything. */
const withoutNul = (text: string): string => text.replaceAll('\0', '\uFFFD');

const COLUMNS: readonly Column<ClaimRow>[] = [
  { name: 'entry', type: 'int', value: (row) => row.entry },
  { name: 'group_name', type: 'text', value: (row) => withoutNul(row.claim.group) },
  { name: 'msg_tag', type: 'text', value: (row) => withoutNul(row.claim.tag) },
  { name: 'msg_key', type: 'text', value: (row) => withoutNul(row.claim.key) },
  { name: 'msg_id', type: 'text', value: (row) => withoutNul(row.claim.messageId) },
  { name: 'msg_body', type: 'text', value: (row) => withoutNul(row.claim.body) },
];

/**
 * The CTE `inbox`. The statement has a CTE `outcome(entry, done)`, one row a fact: a claim stands if any fact
 * of its entry was done now, because those that were not had been done before.
 * @param first the number of the first of the parameters of `claimArrays`
 * @param now the number of the parameter with the time
 */
export const inboxCte = (first: number, now: number): string => `
  inbox as (
    insert into trade_mq_consumer_log as log
      (group_name, msg_tag, msg_key, msg_id, msg_body, consumer_status, consumer_times, consumer_timestamp)
    select group_name, msg_tag, msg_key, msg_id, msg_body, 1, 1, $${now}::timestamptz
    from ${unnest(COLUMNS, first, 'claim')}
    where claim.entry is null or claim.entry in (select entry from outcome where done)
    order by group_name, msg_tag, msg_key
    on conflict (group_name, msg_tag, msg_key) do update
      set consumer_status = 1, consumer_times = greatest(1, log.consumer_times),
          consumer_timestamp = excluded.consumer_timestamp, remark = ''
      where log.consumer_status <> 1)`;

interface Entry {
  readonly facts: readonly unknown[];
  readonly inbox?: InboxClaim;
}

/** The parameters of `inboxCte`. */
export function claimArrays(entries: readonly Entry[]): unknown[][] {
  const rows: ClaimRow[] = [];
  entries.forEach(({ facts, inbox }, place) => {
    if (inbox) rows.push({ entry: facts.length > 0 ? place : null, claim: inbox });
  });
  return arraysOf(COLUMNS, rows);
}

/** The conflict key of an entry's claim: one row may be modified once a statement (R5). */
export const claimKeys = ({ inbox }: Entry): string[] =>
  inbox ? [`inbox:${inbox.group}:${inbox.tag}:${inbox.key}`] : [];
