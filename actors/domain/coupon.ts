// A coupon is used by one order of its owner at a time, and given back once (R2).
import { accept, reject, unchanged, type Decider, type Decision } from './decision';
import { ok, type Instant } from './envelope';
import type { CouponId, OrderId, UserId } from './ids';
import type { Money } from './money';

export type CouponCommand =
  | { readonly type: 'UseCoupon'; readonly orderId: OrderId; readonly userId: UserId; readonly at: Instant }
  | { readonly type: 'GiveCouponBack'; readonly orderId: OrderId }
  | {
      readonly type: 'IssueCoupon';
      readonly couponId: CouponId;
      readonly userId: UserId;
      readonly price: Money;
    }
  | { readonly type: 'FindCoupon' };

export type CouponFact =
  | { readonly type: 'CouponUsed'; readonly orderId: OrderId; readonly price: Money; readonly at: Instant }
  /** `used` false: this order had not used it, and never will. */
  | { readonly type: 'CouponGivenBack'; readonly orderId: OrderId; readonly used: boolean }
  | { readonly type: 'CouponIssued'; readonly coupon: Coupon };

export interface Coupon {
  readonly couponId: CouponId;
  readonly price: Money;
  readonly userId: UserId;
  readonly orderId: OrderId | undefined;
  readonly usedTime: Instant | undefined;
}

/** What the ledger says of one order's key. */
export interface CouponRecord {
  readonly used: boolean;
  readonly price: Money;
  readonly givenBack: boolean;
}

function decide(
  command: CouponCommand,
  coupon: Coupon | undefined,
  recorded: CouponRecord | undefined,
): Decision<CouponFact, CouponCommand> {
  switch (command.type) {
    case 'UseCoupon':
      if (recorded?.givenBack) return reject('SHOP_COUPON_USE_FAIL');
      if (recorded?.used) return unchanged(ok({ price: recorded.price }));
      if (!coupon) return reject('SHOP_COUPON_NO_EXIST', { invalid: true });
      if (coupon.userId !== command.userId) return reject('SHOP_COUPON_INVALIED', { invalid: true });
      if (coupon.orderId === command.orderId) return unchanged(ok({ price: coupon.price }));
      if (coupon.orderId !== undefined) return reject('SHOP_COUPON_INVALIED');
      return accept(
        [{ type: 'CouponUsed', orderId: command.orderId, price: coupon.price, at: command.at }],
        ok({ price: coupon.price }),
      );

    case 'GiveCouponBack':
      if (recorded?.givenBack) return unchanged(ok({}));
      return accept(
        [{ type: 'CouponGivenBack', orderId: command.orderId, used: recorded?.used ?? false }],
        ok({}),
      );

    case 'IssueCoupon': {
      const issued: Coupon = {
        couponId: command.couponId,
        price: command.price,
        userId: command.userId,
        orderId: undefined,
        usedTime: undefined,
      };
      if (!coupon) return accept([{ type: 'CouponIssued', coupon: issued }], ok(issued));
      const same = coupon.userId === command.userId && coupon.price === command.price;
      return same ? unchanged(ok(coupon)) : reject('SHOP_COUPON_EXIST');
    }

    case 'FindCoupon':
      return coupon ? unchanged(ok(coupon)) : reject('SHOP_COUPON_NO_EXIST');
  }
}

function evolve(coupon: Coupon | undefined, fact: CouponFact): Coupon | undefined {
  switch (fact.type) {
    case 'CouponIssued':
      return fact.coupon;
    case 'CouponUsed':
      return coupon && { ...coupon, orderId: fact.orderId, usedTime: fact.at };
    case 'CouponGivenBack':
      return coupon && fact.used && coupon.orderId === fact.orderId
        ? { ...coupon, orderId: undefined, usedTime: undefined }
        : coupon;
  }
}

function recordKey(command: CouponCommand, attempt: number): string | undefined {
  switch (command.type) {
    case 'UseCoupon':
      return attempt > 1 ? command.orderId : undefined;
    case 'GiveCouponBack':
      return command.orderId;
    case 'IssueCoupon':
    case 'FindCoupon':
      return undefined;
  }
}

export const couponDecider: Decider<Coupon, CouponCommand, CouponFact, CouponRecord> = {
  decide,
  evolve,
  recordKey,
  settled: () => undefined,
};
