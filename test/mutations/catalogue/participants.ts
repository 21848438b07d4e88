// Faults of goods, coupons and wallets: what is taken, and what is given back.
import type { Mutation } from '../mutation';

const GOODS = 'actors/domain/goods.ts';
const COUPON = 'actors/domain/coupon.ts';
const WALLET = 'actors/domain/wallet.ts';

export const participantMutations: readonly Mutation[] = [
  {
    name: 'goods-forget-the-tombstone',
    breaks: 'R2: a give-back that finds no take is not remembered, and a late take goes through',
    file: GOODS,
    find: 'if (recorded?.givenBack) return unchanged(ok({}));',
    replace: 'if (recorded?.givenBack || recorded?.taken === undefined) return unchanged(ok({}));',
  },
  {
    name: 'wallet-forgets-the-tombstone',
    breaks: 'R2: a give-back that finds no take is not remembered, and a late take goes through',
    file: WALLET,
    find: 'if (!recorded?.givenBack) {',
    replace: 'if (!recorded?.givenBack && recorded?.taken !== undefined) {',
  },
  {
    name: 'coupon-forgets-the-tombstone',
    breaks: 'R2: a give-back that finds no use is not remembered, and a late use goes through',
    file: COUPON,
    find: 'if (recorded?.givenBack) return unchanged(ok({}));',
    replace: 'if (recorded?.givenBack || !recorded?.used) return unchanged(ok({}));',
  },
  {
    name: 'take-after-give-back',
    breaks: 'R2: a take that was given back is answered as taken',
    file: GOODS,
    find: "if (recorded?.givenBack) return reject('SHOP_REDUCE_GOODS_NUM_FAIL');",
    replace: '',
  },
  {
    name: 'repeated-take-unrecognised',
    breaks: 'R8: the repeat of the take that emptied the stock is refused',
    file: GOODS,
    find: 'return attempt > 1 ? command.orderId : undefined;',
    replace: 'return undefined;',
  },
  {
    name: 'money-back-as-the-message-says',
    breaks: 'fault 9: money is given back that was never taken',
    file: 'supervisors/handlers/order-cancel.ts',
    find: "const command = { type: 'GiveMoneyBack', orderId, ...(payId === undefined ? {} : { payId }) };",
    replace:
      "const command = { type: 'Recharge', requestKey: orderId, amount: order.moneyPaid } as { type: string };",
  },
  {
    name: 'points-without-a-key',
    breaks: 'R14: points are given once a delivery instead of once a payment',
    file: 'actors/domain/booking.ts',
    find: "command: { type: 'AddPoints', payId, amount },",
    replace:
      "command: { type: 'AddPoints', payId: String(process.hrtime.bigint()) as typeof payId, amount },",
  },
  {
    name: 'coupon-used-by-two',
    breaks: 'fault 3: a coupon that one order uses is granted to another',
    file: COUPON,
    find: "if (coupon.orderId !== undefined) return reject('SHOP_COUPON_INVALIED');",
    replace: 'if (coupon.orderId !== undefined) return unchanged(ok({ price: coupon.price }));',
  },
  {
    name: 'stock-checked-against-nothing',
    breaks: 'fault 2: more is promised than there is',
    file: GOODS,
    find: "if (goods.stock < command.quantity) return reject('SHOP_GOODS_NUM_NOT_ENOUGH');",
    replace: 'if (goods.stock < command.quantity) return unchanged(ok({}));',
  },
];
