// The statements of persistence/inbox.ts.
import { MOST_ATTEMPTS } from '../../../../actors/domain/attempts';
import type { Instant } from '../../../../actors/domain/envelope';
import { arrayOf } from '../batch';
import type { ConsumerRow } from '../rows';
import { keyOf, type ShopTables } from '../tables';
import type { Statements } from './statement';

export const isParked = (row: ConsumerRow): boolean =>
  row.consumer_status === 2 && row.consumer_times >= MOST_ATTEMPTS;

/**
 * Inserts a consumption, or updates the one that stands as far as it may be.
 * @param update undefined leaves the standing row alone
 * @returns the row as it is now, if it was written
 */
function upsert(
  { inbox }: ShopTables,
  values: readonly unknown[],
  fresh: Pick<ConsumerRow, 'consumer_status' | 'consumer_times' | 'remark'>,
  update: (standing: ConsumerRow) => Partial<ConsumerRow> | undefined,
): readonly ConsumerRow[] {
  const [msg_id, group_name, msg_tag, msg_key, msg_body, consumer_timestamp] = values as string[] &
    [string, string, string, string, string, Instant];
  const standing = inbox.get(keyOf(group_name, msg_tag, msg_key));
  const change = standing && update(standing);
  if (standing && !change) return [];
  const row = standing
    ? { ...standing, consumer_timestamp, ...change }
    : { msg_id, group_name, msg_tag, msg_key, msg_body, consumer_timestamp, ...fresh };
  inbox.replace(row);
  return [row];
}

const told = (rows: readonly ConsumerRow[]): readonly object[] =>
  rows.map((row) => ({ times: row.consumer_times, status: row.consumer_status }));

const isOver = (row: ConsumerRow): boolean => row.consumer_status === 1 || isParked(row);

function claim(tables: ShopTables, values: readonly unknown[]): readonly object[] {
  const [neverEnded, from, to] = values.slice(6) as [string, Instant, Instant];
  const first = { consumer_status: 0, consumer_times: 1, remark: '' } as const;
  const isBusy = ({ consumer_status, consumer_times, consumer_timestamp: at }: ConsumerRow): boolean =>
    consumer_status === 0 && consumer_times > 0 && at >= from && at <= to;
  let stands = false;
  const claimed = upsert(tables, values, first, (standing) => {
    stands = isOver(standing);
    if (stands || isBusy(standing)) return undefined;
    return standing.consumer_times < MOST_ATTEMPTS
      ? { consumer_status: 0, consumer_times: standing.consumer_times + 1 }
      : { consumer_status: 2, consumer_times: MOST_ATTEMPTS, remark: neverEnded };
  });
  const [row] = claimed;
  return [row ? { times: row.consumer_times, over: row.consumer_status !== 0 } : { times: 0, over: stands }];
}

function fail(tables: ShopTables, values: readonly unknown[]): readonly object[] {
  const [attempts, remark] = values.slice(6) as [number, string];
  const failed = { consumer_status: 2, consumer_times: attempts, remark } as const;
  return told(
    upsert(tables, values, failed, (standing) =>
      standing.consumer_status === 1
        ? undefined
        : { ...failed, consumer_times: Math.max(standing.consumer_times, attempts) },
    ),
  );
}

function finish(tables: ShopTables, values: readonly unknown[]): readonly object[] {
  const done = { consumer_status: 1, remark: '' } as const;
  upsert(tables, values, { ...done, consumer_times: 1 }, (standing) =>
    standing.consumer_status === 1 ? undefined : done,
  );
  return [];
}

/** The row of a key that is not done. */
const openRow = ({ inbox }: ShopTables, key: readonly unknown[]): ConsumerRow | undefined => {
  const row = inbox.get(keyOf(...(key as string[])));
  return row?.consumer_status === 1 ? undefined : row;
};

function unclaim(tables: ShopTables, key: readonly unknown[]): readonly object[] {
  const row = openRow(tables, key);
  if (row && row.consumer_times > 0 && !isParked(row)) {
    const consumer_status = row.consumer_times > 1 ? 2 : 0;
    tables.inbox.replace({ ...row, consumer_times: row.consumer_times - 1, consumer_status });
  }
  return [];
}

function keep(tables: ShopTables, [group, tag, key, at]: readonly unknown[]): readonly object[] {
  const row = openRow(tables, [group, tag, key]);
  if (row?.consumer_status === 0 && row.consumer_times > 0) {
    tables.inbox.replace({ ...row, consumer_timestamp: at as Instant });
  }
  return [];
}

function withdraw(tables: ShopTables, key: readonly unknown[]): readonly object[] {
  const row = openRow(tables, key);
  if (row && row.consumer_times < MOST_ATTEMPTS) tables.inbox.delete(keyOf(...(key as string[])));
  return [];
}

function states({ inbox }: ShopTables, [group, tag, keys]: readonly unknown[]): readonly object[] {
  return [...new Set(arrayOf(keys))].flatMap((key) => {
    const row = inbox.get(keyOf(group as string, tag as string, key ?? ''));
    return row ? [{ key, status: row.consumer_status, times: row.consumer_times }] : [];
  });
}

export const INBOX: Statements = {
  'inbox-claim': claim,
  'inbox-keep': keep,
  'inbox-unclaim': unclaim,
  'inbox-fail': fail,
  'inbox-finish': finish,
  'inbox-withdraw': withdraw,
  'inbox-states': states,
};
