// The body of an order as a customer's page sends it, its figures worked out from the lines.

/** Columns in camelCase, as bodies and answers have them. */
export type Data = Readonly<Record<string, unknown>>;

export interface OrderLine {
  readonly goodsId: string;
  readonly goodsPrice: string;
  readonly goodsNumber: number;
}

export interface OrderExtras {
  readonly couponId?: string;
  readonly moneyPaid?: string;
  /** Members that replace the right ones, whatever they are. */
  readonly instead?: Data;
}

const FREE_SHIPPING_ABOVE = 10_000n;
const SHIPPING = 1_000n;

const cents = (money: string): bigint => BigInt(Math.round(Number(money) * 100));
const text = (amount: bigint): string => `${amount / 100n}.${String(amount % 100n).padStart(2, '0')}`;

/** The body of an order whose figures are right. */
export function orderBody(userId: string, lines: readonly OrderLine[], extras: OrderExtras = {}): Data {
  const goods = lines.reduce((sum, line) => sum + cents(line.goodsPrice) * BigInt(line.goodsNumber), 0n);
  const shipping = goods > FREE_SHIPPING_ABOVE ? 0n : SHIPPING;
  const [only] = lines;
  return {
    userId,
    ...(lines.length === 1 ? only : { lines }),
    shippingFee: text(shipping),
    orderAmount: text(goods + shipping),
    ...(extras.couponId === undefined ? {} : { couponId: extras.couponId }),
    ...(extras.moneyPaid === undefined ? {} : { moneyPaid: extras.moneyPaid }),
    address: '1 Harbour Road',
    ...extras.instead,
  };
}
