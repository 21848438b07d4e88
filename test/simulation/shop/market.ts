// What there is to be had in a run, and what the next customer wants of it: little stock, few coupons, thin wallets,
// so that customers get in each other's way and some are refused.
import type { CouponId, GoodsId, UserId } from '../../../actors/domain/ids';
import { money, type Money } from '../../../actors/domain/money';
import { orderBody, type Data, type OrderLine } from '../../../bin/load/order-body';
import type { Chance } from '../../../bin/load/seeded';

export interface Market {
  readonly goods: readonly { readonly goodsId: GoodsId; readonly price: Money; readonly stock: number }[];
  readonly users: readonly { readonly userId: UserId; readonly money: Money }[];
  readonly coupons: readonly {
    readonly couponId: CouponId;
    readonly userId: UserId;
    readonly price: Money;
  }[];
}

const PRICES = ['5.00', '40.50', '120.00'] as const;

export function openMarket(chance: Chance): Market {
  const goods = PRICES.map((price, place) => ({
    goodsId: String(101 + place) as GoodsId,
    price: money(price),
    stock: chance.whole(2, 12),
  }));
  const users = Array.from({ length: 3 }, (_, place) => ({
    userId: String(201 + place) as UserId,
    money: money(`${chance.whole(0, 60)}.00`),
  }));
  const coupons = Array.from({ length: 4 }, (_, place) => ({
    couponId: String(301 + place) as CouponId,
    userId: chance.pick(users).userId,
    price: money(`${chance.whole(1, 4)}.00`),
  }));
  return { goods, users, coupons };
}

export type Then =
  | 'nothing'
  | 'cancel'
  | 'pay'
  | 'pay, then cancel'
  | 'pay, then refund'
  | 'pay, then ship'
  | 'pay and cancel at once';

export interface Wish {
  readonly userId: UserId;
  readonly body: Data;
  readonly sentTwice: boolean;
  readonly then: Then;
  readonly comesAtMs: number;
}

const THEN: readonly Then[] = [
  'nothing',
  'cancel',
  'pay',
  'pay',
  'pay, then cancel',
  'pay, then refund',
  'pay, then ship',
  'pay and cancel at once',
  'pay and cancel at once',
];

/** @param withinMs in which the customer comes */
export function drawWish(market: Market, chance: Chance, withinMs: number): Wish {
  const { userId } = chance.pick(market.users);
  const first = chance.pick(market.goods);
  const second = chance.of(0.3) ? market.goods.find((one) => one !== first && chance.of(0.5)) : undefined;
  const lines = [first, ...(second ? [second] : [])].map(({ goodsId, price }): OrderLine => ({
    goodsId,
    goodsPrice: chance.of(0.02) ? '1.00' : price,
    goodsNumber: chance.whole(1, 3),
  }));
  const coupon = chance.of(0.4) ? chance.pick(market.coupons) : undefined;
  const moneyPaid = chance.of(0.4) ? `${chance.whole(1, 12)}.00` : undefined;
  return {
    userId,
    body: orderBody(userId, lines, {
      ...(coupon ? { couponId: coupon.couponId } : {}),
      ...(moneyPaid === undefined ? {} : { moneyPaid }),
    }),
    sentTwice: chance.of(0.2),
    then: chance.pick(THEN),
    comesAtMs: chance.whole(0, withinMs),
  };
}
