// The statements of persistence/dead-letters.ts.
import type { Instant } from '../../../../actors/domain/envelope';
import { batch, flag, text } from '../batch';
import type { ConsumerRow } from '../rows';
import { keyOf, type ShopTables } from '../tables';
import { insertEvent } from './events';
import { isParked } from './inbox';
import type { Statements } from './statement';

const isOpen = (row: ConsumerRow): boolean => row.consumer_status !== 1 && !isParked(row);

const rowKeyOf = (row: ConsumerRow): string => keyOf(row.group_name, row.msg_tag, row.msg_key);

const letterOf = (row: ConsumerRow) => ({
  group: row.group_name,
  tag: row.msg_tag,
  key: row.msg_key,
  body: row.msg_body,
  attempts: row.consumer_times,
  remark: row.remark,
  time: row.consumer_timestamp,
});

/** A page of the rows that fit, by their keys. */
function page(
  { inbox }: ShopTables,
  [limit, after]: readonly unknown[],
  fits: (row: ConsumerRow) => boolean,
): readonly ConsumerRow[] {
  const keyed = inbox.where(fits).map((row) => ({ row, key: rowKeyOf(row) }));
  return keyed
    .filter(({ key }) => after === null || key > (after as string))
    .sort((left, right) => (left.key < right.key ? -1 : 1))
    .slice(0, limit as number)
    .map(({ row }) => row);
}

const WANTED = batch({
  group_name: text,
  msg_tag: text,
  msg_key: text,
  topic: text,
  event_key: text,
  body: text,
  poison: flag,
});
const TIME = 8;

function redrive(tables: ShopTables, values: readonly unknown[]): readonly object[] {
  const { inbox } = tables;
  const at = values[TIME - 1] as Instant;
  const queued = new Set<string>();
  let redriven = 0;
  for (const wanted of WANTED.rows(values, 1)) {
    const key = keyOf(wanted.group_name, wanted.msg_tag, wanted.msg_key);
    const row = inbox.get(key);
    if (!row || !isParked(row)) continue;
    redriven += 1;
    if (wanted.poison) inbox.delete(key);
    else inbox.replace({ ...row, consumer_status: 0, consumer_times: 0, consumer_timestamp: at });
    const { topic, msg_tag, event_key, body } = wanted;
    const event = { msg_topic: topic, msg_tag, msg_key: event_key, msg_body: body };
    const distinct = JSON.stringify(event);
    if (queued.has(distinct)) continue;
    queued.add(distinct);
    insertEvent(tables, { group_name: 'redrive', ...event }, at);
  }
  return [{ redriven }];
}

export const DEAD_LETTERS: Statements = {
  'dead-letters-list': (tables, values) => page(tables, values, isParked).map(letterOf),
  'dead-letters-retrying': (tables, values) =>
    page(tables, values, isOpen).map((row) => ({ ...letterOf(row), failed: row.consumer_status === 2 })),
  'dead-letters-find': (tables, values) => {
    const [, , group, tag, key] = values;
    const isNamed = (row: ConsumerRow): boolean =>
      (group === null || row.group_name === group) &&
      (tag === null || row.msg_tag === tag) &&
      (key === null || row.msg_key === key);
    return page(tables, values, (row) => isParked(row) && isNamed(row)).map(letterOf);
  },
  'dead-letters-redrive': redrive,
  'dead-letters-count': ({ inbox }) => [
    { parked: inbox.where(isParked).length, retrying: inbox.where(isOpen).length },
  ],
};
