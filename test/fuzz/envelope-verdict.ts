// What holds for every answer: it is our envelope with a code that we know, and the fault is never ours.
import { CODES, type Code } from '../../actors/domain/codes';
import type { Outcome } from './effects';

export interface Told {
  readonly code: Code;
  readonly success: boolean;
  readonly data: unknown;
}

const BY_NUMBER = new Map<number, Code>(
  Object.entries(CODES).map(([name, { code }]) => [code, name as Code]),
);

/** A fault of ours, whoever is told so: what the actor or the database could not do with what it was given. */
const OURS: ReadonlySet<Code> = new Set(['SHOP_FAIL', 'SHOP_ORDER_SAVE_ERROR']);

/** What became of these is not known. */
const UNKNOWN: ReadonlySet<Code> = new Set([
  'SHOP_UNAVAILABLE',
  'SHOP_ORDER_PENDING',
  'SHOP_PAYMENT_PLATFORM_FAIL',
]);

/** @returns what an answer says, or what is wrong with it */
export function told(text: string): Told | string {
  let envelope: unknown;
  try {
    envelope = JSON.parse(text);
  } catch {
    return `the answer is no envelope: ${text.slice(0, 300)}`;
  }
  const { success, code: number, message, data, ...more } = (envelope ?? {}) as Record<string, unknown>;
  const code = BY_NUMBER.get(number as number);
  const fits =
    typeof success === 'boolean' &&
    typeof message === 'string' &&
    data !== undefined &&
    Object.keys(more).length === 0 &&
    code !== undefined &&
    success === (code === 'SHOP_SUCCESS');
  if (!fits) return `the answer is no envelope: ${text.slice(0, 300)}`;
  if (OURS.has(code)) return `answered with ${code}: ${message}`;
  return { code, success, data };
}

export function outcomeOf({ code, success }: Told): Outcome {
  if (success) return 'yes';
  return UNKNOWN.has(code) ? 'unknown' : 'no';
}
