// What an order is: its row, as the actors see it.
import type { Code } from './codes';
import type { Instant } from './envelope';
import type { CouponId, GoodsId, OrderId, PayId, UserId } from './ids';
import type { Money } from './money';

/** The numbers of the columns (SCHEMA). */
export const OrderStatus = { unconfirmed: 0, confirmed: 1, cancelled: 2, invalid: 3, refunded: 4 } as const;
export type OrderStatus = (typeof OrderStatus)[keyof typeof OrderStatus];

export const PayStatus = { unpaid: 0, paying: 1, paid: 2 } as const;
export type PayStatus = (typeof PayStatus)[keyof typeof PayStatus];

export const ShippingStatus = { notShipped: 0, shipped: 1, returned: 2 } as const;
export type ShippingStatus = (typeof ShippingStatus)[keyof typeof ShippingStatus];

export const Compensation = { none: 0, running: 1, done: 2, failed: 3 } as const;
export type Compensation = (typeof Compensation)[keyof typeof Compensation];

export interface Line {
  readonly goodsId: GoodsId;
  readonly quantity: number;
  readonly price: Money;
}

export interface Order {
  readonly orderId: OrderId;
  readonly userId: UserId;
  readonly status: OrderStatus;
  readonly payStatus: PayStatus;
  readonly shippingStatus: ShippingStatus;
  readonly address: string;
  readonly consignee: string;
  /** One line a kind of goods: lines of the same goods are summed when the order is placed. */
  readonly lines: readonly [Line, ...Line[]];
  readonly goodsAmount: Money;
  readonly shippingFee: Money;
  readonly orderAmount: Money;
  readonly couponId: CouponId | undefined;
  readonly couponPaid: Money;
  readonly moneyPaid: Money;
  readonly payAmount: Money;
  readonly addTime: Instant;
  readonly confirmTime: Instant | undefined;
  readonly payTime: Instant | undefined;
  /** Counts the commits of this order (R4). */
  readonly version: number;
  readonly failCode: Code | undefined;
  readonly requestKey: string | undefined;
  readonly requestHash: string;
  /** The open payment while paying, the winning one when paid. */
  readonly payId: PayId | undefined;
  readonly expireTime: Instant;
  /** Tries of the saga's steps so far; the pre-order's own commit counts as the first (R10). */
  readonly attempts: number;
  /** When a saga that is silent until then is taken up again. */
  readonly nextAttemptTime: Instant | undefined;
  readonly compensation: Compensation;
}
