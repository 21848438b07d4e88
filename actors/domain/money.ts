// Money is a canonical decimal string ("4780.00") that only this file computes with, so it crosses
// wires and columns unchanged and never becomes a binary floating point number (ADR 3).
import { Decimal } from 'decimal.js';

declare const brand: unique symbol;

/** An amount with exactly two decimals, e.g. "-20.00". numeric(10,2) in the database. */
export type Money = string & { readonly [brand]: 'Money' };

export const ZERO = '0.00' as Money;

/** The largest amount that numeric(10,2) can hold (SCHEMA, rules of an order). */
export const MOST = '99999999.99' as Money;

const PATTERN = /^-?\d{1,10}(\.\d{1,2})?$/;
/** As we write amounts ourselves, and within MOST: most that come in are written so, and need no computing. */
const CANONICAL = /^(0|[1-9]\d{0,7})\.\d\d$/;

const format = (value: Decimal): Money => (value.isZero() ? ZERO : (value.toFixed(2) as Money));

/**
 * Reads an amount that came from outside, such as "5000", "0.5" or "-3.20".
 * @returns the canonical amount, or undefined for more than two decimals, for more than MOST, or for no amount at all
 */
export function parseMoney(text: string): Money | undefined {
  if (CANONICAL.test(text)) return text as Money;
  if (!PATTERN.test(text)) return undefined;
  const value = new Decimal(text);
  return value.abs().greaterThan(MOST) ? undefined : format(value);
}

/**
 * The amount in a text that is known to hold one: a literal or a numeric column.
 * @throws RangeError if it does not
 */
export function money(text: string): Money {
  const value = parseMoney(text);
  if (value === undefined) throw new RangeError(`not an amount of money: ${text}`);
  return value;
}

/** An amount in cents, a whole number; NaN, with which nothing can be computed, if they are too many to be exact. */
function centsOf(amount: Money): number {
  const cents = Number(amount.replace('.', ''));
  return Number.isSafeInteger(cents) ? cents : Number.NaN;
}

/** Money of so many cents, ten times as fast as by Decimal; if they are not exact, what `exactly` computes. */
function ofCents(cents: number, exactly: () => Decimal): Money {
  if (!Number.isSafeInteger(cents)) return format(exactly());
  const size = Math.abs(cents);
  const rest = size % 100;
  return `${cents < 0 ? '-' : ''}${(size - rest) / 100}.${rest < 10 ? '0' : ''}${rest}` as Money;
}

/** The sum of all amounts; it may exceed MOST, which `isStorable` tells. */
export function add(...amounts: readonly Money[]): Money {
  let cents = 0;
  for (const amount of amounts) cents += centsOf(amount);
  return ofCents(cents, () => amounts.reduce((sum, amount) => sum.plus(amount), new Decimal(0)));
}

export const subtract = (from: Money, amount: Money): Money =>
  ofCents(centsOf(from) - centsOf(amount), () => new Decimal(from).minus(amount));

/** @param count a whole number */
export const times = (price: Money, count: number): Money =>
  ofCents(centsOf(price) * count, () => new Decimal(price).times(count));

/** Negative, zero or positive, as `left` is less than, equal to or more than `right`. */
export function compare(left: Money, right: Money): number {
  if (left === right) return 0;
  const difference = centsOf(left) - centsOf(right);
  return Number.isSafeInteger(difference) ? difference : new Decimal(left).comparedTo(right);
}

export const isNegative = (amount: Money): boolean => amount.startsWith('-');
export const isZero = (amount: Money): boolean => amount === ZERO;
export const isStorable = (amount: Money): boolean =>
  CANONICAL.test(amount) || new Decimal(amount).abs().lessThanOrEqualTo(MOST);

/** Points for a payment: its amount, rounded down (SCHEMA). */
export const pointsOf = (amount: Money): number => new Decimal(amount).floor().toNumber();
