// Facts as they may reach the database: also those that no actor would decide on what the database holds.
import fc, { type Arbitrary } from 'fast-check';
import type { CouponFact } from '../../../actors/domain/coupon';
import type { GoodsFact } from '../../../actors/domain/goods';
import { id } from '../../../actors/domain/ids';
import { MOST, type Money } from '../../../actors/domain/money';
import type { PayLogged } from '../../../actors/domain/pay-log';
import type { WalletFact } from '../../../actors/domain/wallet';
import { oneOf, momentAt, some } from './pools';

const ORDERS = ['101', '102', '103', '0'];
const PAYMENTS = ['31', '32', '33'];
const KEYS = ['0', '101', '7'];

export const orderIds = oneOf(...ORDERS).map((text) => id<never>(text));
export const payIds = oneOf(...PAYMENTS).map((text) => id<never>(text));
const keys = oneOf(...KEYS);

/** Mostly small, so that they meet; sometimes more than a column holds. */
export const quantities = fc.oneof(
  { weight: 20, arbitrary: fc.integer({ min: 0, max: 4 }) },
  { weight: 1, arbitrary: fc.constant(2_000_000_000) },
);
export const amounts: Arbitrary<Money> = some<Money>(
  ...['0.00', '1.00', '2.50', '3.00', '1.00', '2.50', '-1.00', MOST].map((text) => text as Money),
);
export const moments = fc.integer({ min: 0, max: 40 }).map(momentAt);

export const stockTaken = fc.record({
  type: fc.constant('StockTaken' as const),
  orderId: orderIds,
  quantity: quantities,
});

export const goodsFact = (goodsId: string): Arbitrary<GoodsFact> =>
  fc.oneof(
    stockTaken,
    fc.record({ type: fc.constant('StockGivenBack' as const), orderId: orderIds, quantity: quantities }),
    fc.record({ type: fc.constant('Restocked' as const), requestKey: keys, quantity: quantities }),
    fc.record({ type: fc.constant('PriceChanged' as const), price: amounts }),
    fc.record({ price: amounts, stock: fc.integer({ min: -1, max: 6 }), addTime: moments }).map((made) => ({
      type: 'GoodsCreated' as const,
      goods: { goodsId: id<never>(goodsId), name: 'a "cup", {large}', description: 'a\\b, null', ...made },
    })),
  );

export const couponUsed = fc.record({
  type: fc.constant('CouponUsed' as const),
  orderId: orderIds,
  price: oneOf('0.00', '1.00', '1.00').map((text) => text as Money),
  at: moments,
});

export const couponFact = (couponId: string): Arbitrary<CouponFact> =>
  fc.oneof(
    couponUsed,
    fc.record({ type: fc.constant('CouponGivenBack' as const), orderId: orderIds, used: fc.boolean() }),
    fc
      .record({
        price: oneOf('0.00', '1.00', '1.00', '-1.00').map((text) => text as Money),
        userId: oneOf('11', '12').map((text) => id<never>(text)),
      })
      .map((made) => ({
        type: 'CouponIssued' as const,
        coupon: { couponId: id<never>(couponId), ...made, orderId: undefined, usedTime: undefined },
      })),
  );

export const moneyTaken = fc.record({
  type: fc.constant('MoneyTaken' as const),
  orderId: orderIds,
  amount: amounts,
});

const points = fc.integer({ min: 0, max: 5 });

export const walletFact = (): Arbitrary<WalletFact> =>
  fc.oneof(
    moneyTaken,
    fc.record({ type: fc.constant('MoneyGivenBack' as const), orderId: orderIds, amount: amounts }),
    fc.record({ type: fc.constant('PointsAdded' as const), payId: payIds, points: quantities }),
    fc.record({ type: fc.constant('PointsTakenBack' as const), payId: payIds, points }),
    fc.record({ type: fc.constant('Recharged' as const), requestKey: keys, amount: amounts }),
  );

export const payLogFact = (payId: string): Arbitrary<PayLogged> =>
  fc.record({
    type: fc.constant('PayLogged' as const),
    payId: fc.constant(id<never>(payId)),
    orderId: orderIds,
    amount: amounts,
  });
