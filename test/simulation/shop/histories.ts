// Every answer of goods, wallets and coupons is that of some order of their commands, one after the other.
import type { CouponCommand } from '../../../actors/domain/coupon';
import type { GoodsCommand } from '../../../actors/domain/goods';
import type { WalletCommand } from '../../../actors/domain/wallet';
import { couponModel } from '../linearizability/coupon-model';
import { goodsModel } from '../linearizability/goods-model';
import type { Operation } from '../linearizability/operation';
import { findInexplicable } from '../linearizability/report';
import { walletModel } from '../linearizability/wallet-model';
import type { World } from './world';

/** @returns the answers that no order explains */
export function* inexplicableAnswers({ history, market }: World): Generator<string> {
  for (const [id, operations] of history.of('goods')) {
    const opening = market.goods.find(({ goodsId }) => goodsId === id);
    const model = goodsModel(opening && { name: `goods ${id}`, price: opening.price, stock: opening.stock });
    const found = findInexplicable(model, operations as readonly Operation<GoodsCommand>[]);
    if (found !== undefined) yield `goods ${id}: ${found}`;
  }
  for (const [id, operations] of history.of('wallet')) {
    const opening = market.users.find(({ userId }) => userId === id);
    const model = walletModel(opening && { money: opening.money, score: 0 });
    const found = findInexplicable(model, operations as readonly Operation<WalletCommand>[]);
    if (found !== undefined) yield `wallet ${id}: ${found}`;
  }
  for (const [id, operations] of history.of('coupon')) {
    const opening = market.coupons.find(({ couponId }) => couponId === id);
    const model = couponModel(opening && { price: opening.price, userId: opening.userId });
    const found = findInexplicable(model, operations as readonly Operation<CouponCommand>[]);
    if (found !== undefined) yield `coupon ${id}: ${found}`;
  }
}
