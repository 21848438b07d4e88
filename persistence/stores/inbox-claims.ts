// A consumption is recorded as done in the statement that has its effect, and only with it (R11).
import type { InboxClaim } from '../../actors/domain/envelope';
import { groupsOf, type Tag } from '../../actors/domain/events';
import { arraysOf, unnest, type Column } from './batch-columns';

/** A claim, and what its statement knows the effect by that it needs; null if its entry has no facts. */
interface ClaimRow {
  readonly effect: string | number | null;
  readonly claim: InboxClaim;
}

/** PostgreSQL's text cannot hold NUL, and a body may be anything. */
export const withoutNul = (text: string): string => text.replaceAll('\0', '\uFFFD');

const COLUMNS: readonly Column<ClaimRow>[] = [
  { name: 'effect', type: 'bigint', value: (row) => row.effect },
  { name: 'group_name', type: 'text', value: (row) => withoutNul(row.claim.group) },
  { name: 'msg_tag', type: 'text', value: (row) => withoutNul(row.claim.tag) },
  { name: 'msg_key', type: 'text', value: (row) => withoutNul(row.claim.key) },
  { name: 'msg_id', type: 'text', value: (row) => withoutNul(row.claim.messageId) },
  { name: 'msg_body', type: 'text', value: (row) => withoutNul(row.claim.body) },
];

/**
 * The entries of which any fact was done now: those that were not had been done before. The statement has a CTE
 * `outcome(entry, done)`, one row a fact.
 */
const DONE_ENTRIES = 'select entry from outcome where done';

/**
 * The CTE `inbox`.
 * @param first the number of the first of the parameters of `claimArrays`
 * @param now the number of the parameter with the time
 * @param effects selects what was done by this statement, as `claimArrays` names it
 */
export const inboxCte = (first: number, now: number, effects = DONE_ENTRIES): string =>
  recorded(
    `${unnest(COLUMNS, first, 'claim')} where claim.effect is null or claim.effect in (${effects})`,
    now,
  );

/**
 * The CTE `inbox`, where the statement has done all that the groups of its events would do. What was not delivered yet has the
 * id that it will be known by (`messageIdOf`).
 * @param tag of the events in the statement's CTE `events`
 * @param now the number of the parameter with the time
 */
export function inboxOfEventsCte(tag: Tag, now: number): string {
  const names = groupsOf(tag).map(({ name }) => `'${name}'`);
  const claims = `
      select group_name, msg_tag, msg_key, msg_tag || ':' || msg_key as msg_id, msg_body
      from events cross join unnest(array[${names.join(', ')}]) as groups(group_name)`;
  return recorded(`(${claims}) claim`, now);
}

const recorded = (claims: string, now: number): string => `
  inbox as (
    insert into trade_mq_consumer_log as log
      (group_name, msg_tag, msg_key, msg_id, msg_body, consumer_status, consumer_times, consumer_timestamp)
    select group_name, msg_tag, msg_key, msg_id, msg_body, 1, 1, $${now}::timestamptz
    from ${claims}
    order by group_name, msg_tag, msg_key
    on conflict (group_name, msg_tag, msg_key) do update
      set consumer_status = 1, consumer_times = greatest(1, log.consumer_times),
          consumer_timestamp = excluded.consumer_timestamp, remark = ''
      where log.consumer_status <> 1)`;

interface Entry {
  readonly id: string;
  readonly facts: readonly unknown[];
  readonly inbox?: InboxClaim | undefined;
}

/**
 * The parameters of `inboxCte`.
 * @param effectOf what the statement knows an entry's effect by; its place in the batch, if not told
 */
export function claimArrays(
  entries: readonly Entry[],
  effectOf: (entry: Entry, place: number) => string | number = (_entry, place) => place,
): unknown[] {
  const rows: ClaimRow[] = [];
  entries.forEach((entry, place) => {
    const { facts, inbox } = entry;
    if (inbox) rows.push({ effect: facts.length > 0 ? effectOf(entry, place) : null, claim: inbox });
  });
  return arraysOf(COLUMNS, rows);
}

/** The conflict key of an entry's claim: one row may be modified once a statement (R5). */
export const claimKeys = ({ inbox }: Pick<Entry, 'inbox'>): string[] =>
  inbox ? [`inbox:${inbox.group}:${inbox.tag}:${inbox.key}`] : [];
