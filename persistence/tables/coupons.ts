// Coupons and their ledger.
import { bigint, money, now, optional, primary, small, table, time } from './table';

export const tradeCoupon = table(
  'trade_coupon',
  {
    couponId: bigint('coupon_id', primary),
    couponPrice: money('coupon_price'),
    userId: bigint('user_id'),
    orderId: bigint('order_id', optional),
    isUsed: small('is_used', { default: 0 }),
    usedTime: time('used_time', optional),
  },
  {
    checks: {
      coupon_price_check: 'coupon_price >= 0',
      is_used_check: 'is_used in (0, 1)',
      check: '(is_used = 1) = (order_id is not null)',
    },
    indices: [{ name: 'trade_coupon_user', columns: ['userId', 'couponId'] }],
  },
);

export const tradeCouponLog = table(
  'trade_coupon_log',
  {
    couponId: bigint('coupon_id', primary),
    orderId: bigint('order_id', primary),
    logType: small('log_type', primary),
    couponPrice: money('coupon_price'),
    logTime: time('log_time', now),
  },
  { checks: { log_type_check: 'log_type in (1, 2)' } },
);
