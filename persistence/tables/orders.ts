// Orders, and the lines of those that have several.
import { bigint, int, money, now, optional, primary, small, table, text, time } from './table';

export const tradeOrder = table(
  'trade_order',
  {
    orderId: bigint('order_id', primary),
    userId: bigint('user_id'),
    orderStatus: small('order_status', { default: 0 }),
    payStatus: small('pay_status', { default: 0 }),
    shippingStatus: small('shipping_status', { default: 0 }),
    address: text('address', { default: '' }),
    consignee: text('consignee', { default: '' }),
    goodsId: bigint('goods_id'),
    goodsNumber: int('goods_number'),
    goodsPrice: money('goods_price'),
    goodsAmount: money('goods_amount'),
    shippingFee: money('shipping_fee'),
    orderAmount: money('order_amount'),
    couponId: bigint('coupon_id', optional),
    couponPaid: money('coupon_paid', { default: 0 }),
    moneyPaid: money('money_paid', { default: 0 }),
    payAmount: money('pay_amount', { default: 0 }),
    addTime: time('add_time', now),
    confirmTime: time('confirm_time', optional),
    payTime: time('pay_time', optional),
    version: int('version', { default: 1 }),
    shard: int('shard', { default: 0 }),
    failCode: int('fail_code', optional),
    requestKey: text('request_key', optional),
    requestHash: text('request_hash', optional),
    payId: bigint('pay_id', optional),
    expireTime: time('expire_time', optional),
    attempts: int('attempts', { default: 1 }),
    nextAttemptTime: time('next_attempt_time', optional),
    compensationStatus: small('compensation_status', { default: 0 }),
  },
  {
    checks: {
      order_status_check: 'order_status between 0 and 4',
      pay_status_check: 'pay_status between 0 and 2',
      shipping_status_check: 'shipping_status between 0 and 2',
      goods_number_check: 'goods_number > 0',
      money_paid_check: 'money_paid >= 0',
      pay_amount_check: 'pay_amount >= 0',
      compensation_status_check: 'compensation_status between 0 and 3',
    },
    indices: [
      { name: 'trade_order_unfinished', columns: ['nextAttemptTime'], where: 'order_status = 0' },
      { name: 'trade_order_unpaid', columns: ['expireTime'], where: 'order_status = 1 and pay_status < 2' },
      { name: 'trade_order_compensation', columns: ['orderId'], where: 'compensation_status in (1, 3)' },
    ],
    uniques: [{ name: 'trade_order_user_id_request_key_key', columns: ['userId', 'requestKey'] }],
  },
);

export const tradeOrderGoods = table(
  'trade_order_goods',
  {
    orderId: bigint('order_id', primary),
    goodsId: bigint('goods_id', primary),
    goodsNumber: int('goods_number'),
    goodsPrice: money('goods_price'),
  },
  { checks: { goods_number_check: 'goods_number > 0' } },
);
