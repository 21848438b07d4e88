// What an order can check alone, before anything is saved (SCHEMA, rules of an order).
import { firstOf, type Code } from './codes';
import { add, compare, isNegative, isStorable, money, times, ZERO, type Money } from './money';
import { compareIds } from './ids';
import type { Line } from './order-state';

const FREE_SHIPPING_ABOVE = money('100');
const SHIPPING_FEE = money('10');

export const MOST_PER_LINE = 1_000_000;

export interface Figures {
  readonly lines: readonly [Line, ...Line[]];
  readonly shippingFee: Money;
  readonly orderAmount: Money;
  readonly moneyPaid: Money;
}

/** Lines of the same goods at the same price as one, by goods id, as they are read back. */
export function sumLines(lines: readonly [Line, ...Line[]]): readonly [Line, ...Line[]] {
  const [first, ...rest] = lines;
  const keyOf = ({ goodsId, price }: Line): string => `${goodsId} ${price}`;
  const sums = new Map([[keyOf(first), first]]);
  for (const line of rest) {
    const sum = sums.get(keyOf(line));
    sums.set(keyOf(line), { ...line, quantity: (sum?.quantity ?? 0) + line.quantity });
  }
  const [head = first, ...tail] = [...sums.values()].sort((left, right) =>
    compareIds(left.goodsId, right.goodsId),
  );
  return [head, ...tail];
}

export const goodsAmountOf = (lines: readonly Line[]): Money =>
  add(...lines.map((line) => times(line.price, line.quantity)));

/** Free when the goods come to more than 100, else 10. */
export const shippingOf = (goodsAmount: Money): Money =>
  compare(goodsAmount, FREE_SHIPPING_ABOVE) > 0 ? ZERO : SHIPPING_FEE;

/**
 * The code that refuses these figures, the first in precedence if several do; undefined if they are right.
 * @param figures their lines summed: two of the same goods have two prices
 */
export function refusalOf(figures: Figures): Code | undefined {
  const goodsAmount = goodsAmountOf(figures.lines);
  const shippingFee = shippingOf(goodsAmount);
  const orderAmount = add(goodsAmount, shippingFee);
  const codes: Code[] = [];
  if (figures.shippingFee !== shippingFee) codes.push('SHOP_ORDER_SHIPPINGFEE_INVALID');
  if (figures.orderAmount !== orderAmount || !isStorable(orderAmount)) codes.push('SHOP_ORDERAMOUNT_INVALID');
  const hasTwoPrices = figures.lines.some(
    ({ goodsId }, place) => goodsId === figures.lines[place + 1]?.goodsId,
  );
  if (hasTwoPrices || figures.lines.some((line) => isNegative(line.price)))
    codes.push('SHOP_GOODS_PRICE_INVALID');
  if (figures.lines.some((line) => line.quantity > MOST_PER_LINE)) codes.push('SHOP_REQUEST_PARAMETER_VALID');
  if (isNegative(figures.moneyPaid)) codes.push('SHOP_MONEY_PAID_LESS_ZERO');
  if (compare(figures.moneyPaid, figures.orderAmount) > 0) codes.push('SHOP_MONEY_PAID_INVALID');
  const [code, ...others] = codes;
  return code && firstOf([code, ...others]);
}
