// What a row must be for its table to hold it: the ranges of its columns, then the CHECKs of the migrations.
import { isNegative, type Money } from '../../../actors/domain/money';
import type { CouponRow, GoodsRow, LineRow, OrderRow, UserRow } from './rows';
import { check, SqlError } from './sql-error';

const LARGEST_INT = 2_147_483_647;
/** Of `99999999.99`. */
const MOST_CHARACTERS = 11;

/** A column of type int. */
export function checkInt(value: number): void {
  if (value > LARGEST_INT || value < -LARGEST_INT - 1) throw new SqlError('22003', 'integer out of range');
}

/** A column of type numeric(10,2). */
export function checkAmount(amount: Money): void {
  if (amount.length - (isNegative(amount) ? 1 : 0) > MOST_CHARACTERS) {
    throw new SqlError('22003', 'numeric field overflow');
  }
}

export function checkGoods(goods: GoodsRow): void {
  checkInt(goods.goods_number);
  checkAmount(goods.goods_price);
  check(goods.goods_number >= 0, 'trade_goods_goods_number_check');
  check(!isNegative(goods.goods_price), 'trade_goods_goods_price_check');
}

export function checkCoupon(coupon: CouponRow): void {
  checkAmount(coupon.coupon_price);
  check(!isNegative(coupon.coupon_price), 'trade_coupon_coupon_price_check');
  check((coupon.is_used === 1) === (coupon.order_id !== null), 'trade_coupon_check');
}

export function checkUser(user: UserRow): void {
  checkInt(user.user_score);
  checkAmount(user.user_money);
  check(!isNegative(user.user_money), 'trade_user_user_money_check');
}

export function checkOrder(order: OrderRow): void {
  for (const amount of [order.goods_price, order.goods_amount, order.shipping_fee, order.order_amount]) {
    checkAmount(amount);
  }
  for (const amount of [order.coupon_paid, order.money_paid, order.pay_amount]) checkAmount(amount);
  check(order.goods_number > 0, 'trade_order_goods_number_check');
  check(!isNegative(order.money_paid), 'trade_order_money_paid_check');
  check(!isNegative(order.pay_amount), 'trade_order_pay_amount_check');
}

export function checkLine(line: LineRow): void {
  checkAmount(line.goods_price);
  check(line.goods_number > 0, 'trade_order_goods_goods_number_check');
}
