// Ids of goods and coupons, which make stock and money: whoever repeats himself must not make a second one (R14).
import { createHash } from 'node:crypto';
import { TerminalError } from '../domain/errors';
import { idText } from '../domain/schemas';

type Given = string | number | undefined;

/**
 * The caller's own id or, if he gave a request key instead, the one that follows from it.
 * @param what is made; the key counts for that, and for `whose` it is
 * @throws TerminalError unless he gave one of them
 */
export function madeId(
  own: Given,
  key: Given,
  what: 'goods' | 'coupon',
  ...whose: readonly string[]
): string {
  if (own !== undefined && key === undefined) return idText(own);
  if (own === undefined && key !== undefined) return keyedId([what, ...whose, idText(key)]);
  throw new TerminalError(`/ must have either ${what}Id or requestKey, so that a repeat makes no second one`);
}

/** The upper half of all ids, which snowflakes do not reach before 2054: nothing else is there by chance. */
const FIRST = 2n ** 62n;
const COUNT = 9n * 10n ** 18n - FIRST;

function keyedId(names: readonly string[]): string {
  const digest = createHash('sha256').update(JSON.stringify(names)).digest();
  return String(FIRST + (digest.readBigUInt64BE() % COUNT));
}
