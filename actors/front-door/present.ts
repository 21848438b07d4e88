// What the outside sees of an entity: the columns' names in camelCase, statuses as numbers (PROTOCOL, HTTP).
import { CODES } from '../domain/codes';
import type { Coupon } from '../domain/coupon';
import type { Goods } from '../domain/goods';
import type { Order } from '../domain/order-state';
import type { Payment } from '../domain/payment';
import type { Wallet } from '../domain/wallet';

export const presentOrder = (order: Order) => {
  const [first] = order.lines;
  return {
    orderId: order.orderId,
    userId: order.userId,
    orderStatus: order.status,
    payStatus: order.payStatus,
    shippingStatus: order.shippingStatus,
    address: order.address,
    consignee: order.consignee,
    goodsId: first.goodsId,
    goodsNumber: first.quantity,
    goodsPrice: first.price,
    lines: order.lines.map((line) => ({
      goodsId: line.goodsId,
      goodsNumber: line.quantity,
      goodsPrice: line.price,
    })),
    goodsAmount: order.goodsAmount,
    shippingFee: order.shippingFee,
    orderAmount: order.orderAmount,
    couponId: order.couponId ?? null,
    couponPaid: order.couponPaid,
    moneyPaid: order.moneyPaid,
    payAmount: order.payAmount,
    addTime: order.addTime,
    confirmTime: order.confirmTime ?? null,
    payTime: order.payTime ?? null,
    expireTime: order.expireTime,
    payId: order.payId ?? null,
    failCode: order.failCode === undefined ? null : CODES[order.failCode].code,
    failName: order.failCode ?? null,
    compensationStatus: order.compensation,
  };
};

export const presentPayment = (payment: Payment) => ({
  payId: payment.payId,
  orderId: payment.orderId,
  payAmount: payment.amount,
  isPaid: payment.isPaid ? 2 : 1,
  provider: payment.provider,
  createTime: payment.createTime,
  payTime: payment.payTime ?? null,
  closedTime: payment.closedTime ?? null,
  transactions: payment.transactions.map((transaction) => ({
    ...transaction,
    refundTime: transaction.refundTime ?? null,
  })),
});

export const presentGoods = (goods: Goods) => ({
  goodsId: goods.goodsId,
  goodsName: goods.name,
  goodsNumber: goods.stock,
  goodsPrice: goods.price,
  goodsDesc: goods.description,
  addTime: goods.addTime,
});

export const presentCoupon = (coupon: Coupon) => ({
  couponId: coupon.couponId,
  couponPrice: coupon.price,
  userId: coupon.userId,
  orderId: coupon.orderId ?? null,
  isUsed: coupon.orderId === undefined ? 0 : 1,
  usedTime: coupon.usedTime ?? null,
});

export const presentWallet = (wallet: Wallet) => ({
  userId: wallet.userId,
  userName: wallet.name,
  userMobile: wallet.mobile,
  userScore: wallet.score,
  userRegTime: wallet.regTime,
  userMoney: wallet.money,
});
