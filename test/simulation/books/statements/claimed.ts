// Give-backs claim the ledger's row of type 1: `on conflict do update … returning`, or a row of their own that keeps
// what was never taken from being taken later (R2).
import { SqlError } from '../sql-error';
import type { Table } from '../table';

/** @returns the row that stands under the key; the given one if none did. @throws SqlError for a key claimed before */
export function claimRow<Row>(ledger: Table<Row>, key: string, claimed: Set<string>, tombstone: Row): Row {
  if (claimed.has(key)) throw new SqlError('21000', 'cannot affect row a second time');
  claimed.add(key);
  const standing = ledger.get(key);
  if (standing !== undefined) return standing;
  ledger.insert(tombstone);
  return tombstone;
}
