// Amounts as the platform keeps them: positive, two decimals, texts, never binary floating point numbers.
import { Decimal } from 'decimal.js';

export const AMOUNT_PATTERN = '^[0-9]{1,8}(\\.[0-9]{1,2})?$';

/** @returns the amount with two decimals, or undefined if the text is no amount above zero */
export function readAmount(text: string): string | undefined {
  if (!new RegExp(AMOUNT_PATTERN).test(text)) return undefined;
  const value = new Decimal(text);
  return value.isZero() ? undefined : value.toFixed(2);
}

export const isMore = (amount: string, than: string): boolean => new Decimal(amount).greaterThan(than);
