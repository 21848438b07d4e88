// The session advisory locks of a kind's shards, on the very connection that writes for it: when the connection
// goes, lock and ability to write go together.
import type { Kind } from '../actors/domain/envelope';
import type { Queryable, Statement } from './session';

/** The first key of the two-key advisory locks; 100 and above are for other purposes. */
export const KIND_NUMBERS: Readonly<Record<Kind, number>> = {
  order: 1,
  payment: 2,
  goods: 3,
  coupon: 4,
  wallet: 5,
  'pay-log': 6,
};

const LOCK_ALL: Statement = {
  name: 'lock-shards',
  text: `select shard from generate_series(0, $2::int - 1) as shard
    where not pg_try_advisory_lock($1::int, shard)`,
};

/**
 * Locks every shard of a kind, or fails if another node holds one of them.
 * Called once a connection: a second lock by the same session would need a second unlock.
 */
export async function lockShards(session: Queryable, kind: Kind, shards: number): Promise<void> {
  const held = await session.query<{ shard: number }>(LOCK_ALL, [KIND_NUMBERS[kind], shards]);
  if (held.length > 0) {
    throw new Error(`another node holds ${held.length} of the ${shards} shards of ${kind} in this database`);
  }
}
