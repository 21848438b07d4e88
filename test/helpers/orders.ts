// The classic order of the README, and orders like it.
import { id, type CouponId, type GoodsId, type OrderId, type UserId } from '../../actors/domain/ids';
import { money } from '../../actors/domain/money';
import type { OrderCommand } from '../../actors/domain/order';

export type Place = Extract<OrderCommand, { type: 'PlaceOrder' }>;

export const AT = '2026-01-01T00:00:00.000Z';

/** The order that everybody tries first: 5000 with a coupon of 20 and 200 from the wallet. */
export const classicOrder = (changes: Partial<Place> = {}): Place => ({
  type: 'PlaceOrder',
  orderId: id<OrderId>('700000000000000001'),
  userId: id<UserId>('345963634385633280'),
  lines: [{ goodsId: id<GoodsId>('345959443973935104'), quantity: 1, price: money('5000') }],
  shippingFee: money('0'),
  orderAmount: money('5000'),
  couponId: id<CouponId>('345988230098857984'),
  moneyPaid: money('200'),
  address: '郑州',
  consignee: '',
  requestKey: undefined,
  requestHash: 'hash',
  expireTime: '2026-01-01T00:30:00.000Z',
  at: AT,
  ...changes,
});
