// Ids are bigint columns and strings everywhere else, because JSON numbers lose digits above 2^53.

declare const brand: unique symbol;
type Id<Name extends string> = string & { readonly [brand]: Name };

export type OrderId = Id<'order'>;
export type PayId = Id<'payment'>;
export type GoodsId = Id<'goods'>;
export type CouponId = Id<'coupon'>;
export type UserId = Id<'user'>;

/**
 * Digits without sign or leading zero, below 9 x 10^18: whatever fits is a bigint, and snowflakes stay below
 * for centuries.
 */
export const ID_PATTERN = '^(0|[1-9][0-9]{0,17}|[1-8][0-9]{18})$';
const PATTERN = new RegExp(ID_PATTERN);

export const isId = (text: string): boolean => PATTERN.test(text);

/**
 * Brands a text as the id that its caller needs.
 * @throws RangeError if it is not an id
 */
// The type that it brands is the caller's to choose.
// eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters
export function id<Name extends OrderId | PayId | GoodsId | CouponId | UserId>(text: string): Name {
  if (!isId(text)) throw new RangeError(`not an id: ${text.slice(0, 40)}`);
  return text as Name;
}

/** As the database orders bigint columns. */
export const compareIds = (left: string, right: string): number =>
  left.length - right.length || (left < right ? -1 : left > right ? 1 : 0);

/** The goods group of `order_cancel` is consumed once a line: `<orderId>:<goodsId>` (R11). */
export const lineKey = (orderId: OrderId, goodsId: GoodsId): string => `${orderId}:${goodsId}`;

/** A transaction's key in ledgers and commands: two platforms may use the same number. */
export const transactionKey = (provider: string, transactionId: string): string =>
  `${provider}:${transactionId}`;
