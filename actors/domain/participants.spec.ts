// Goods, coupon and wallet: the same shape, one table each.
import fc from 'fast-check';
import { given } from '../../test/helpers/given';
import { AT } from '../../test/helpers/orders';
import { couponDecider, type Coupon } from './coupon';
import { goodsDecider, type Goods, type GoodsCommand, type GoodsRecord } from './goods';
import { id, type CouponId, type GoodsId, type OrderId, type PayId, type UserId } from './ids';
import { money, ZERO } from './money';
import { walletDecider, type Wallet } from './wallet';

const orderId = id<OrderId>('1');
const payId = id<PayId>('2');
const userId = id<UserId>('3');
const price = money('5');
const goods: Goods = { goodsId: id<GoodsId>('4'), name: 'g', description: '', price, stock: 5, addTime: AT };
const coupon: Coupon = {
  couponId: id<CouponId>('5'),
  price: money('20'),
  userId,
  orderId: undefined,
  usedTime: undefined,
};
const wallet: Wallet = { userId, name: 'u', mobile: '', money: money('100'), score: 0, regTime: AT };

describe('goods', () => {
  const take: GoodsCommand = { type: 'TakeStock', orderId, quantity: 3, price };
  test('stock is taken', () =>
    given(goodsDecider, goods).when(take).thenFacts({ type: 'StockTaken', orderId, quantity: 3 }));
  test('unknown goods', () =>
    given(goodsDecider, undefined).when(take).thenRefused('SHOP_GOODS_NO_EXIST', true));
  test('a changed price', () =>
    given(goodsDecider, { ...goods, price: money('6') })
      .when(take)
      .thenRefused('SHOP_GOODS_PRICE_INVALID', true));
  test('fault 2: not enough', () =>
    given(goodsDecider, { ...goods, stock: 2 })
      .when(take)
      .thenRefused('SHOP_GOODS_NUM_NOT_ENOUGH'));
  test('R8: repeating the take that emptied the stock is a success', () =>
    given(goodsDecider, { ...goods, stock: 0 }, { taken: 3 })
      .when(take)
      .thenUnchanged());
  test('R2: a take after its give-back is refused', () =>
    given(goodsDecider, goods, { taken: 0, givenBack: true })
      .when(take)
      .thenRefused('SHOP_REDUCE_GOODS_NUM_FAIL'));
  test('fault 8: what the ledger says is given back', () =>
    given(goodsDecider, goods, { taken: 2 })
      .when({ type: 'GiveStockBack', orderId })
      .thenFacts({ type: 'StockGivenBack', orderId, quantity: 2 }));
  test('R2: a give-back without a take remembers that there was none', () =>
    given(goodsDecider, goods)
      .when({ type: 'GiveStockBack', orderId })
      .thenFacts({ type: 'StockGivenBack', orderId, quantity: 0 }));
  test('fault 9: a second give-back does nothing', () =>
    given(goodsDecider, goods, { taken: 2, givenBack: true })
      .when({ type: 'GiveStockBack', orderId })
      .thenUnchanged());
  test('creating goods again is a repeat only with the same figures, the opening stock among them', () => {
    const create = {
      type: 'CreateGoods',
      goodsId: goods.goodsId,
      name: 'g',
      price,
      stock: 9,
      description: '',
      at: AT,
    } as const;
    given(goodsDecider, goods, { restocked: 9 }).when(create).thenUnchanged();
    given(goodsDecider, goods, { restocked: 8 }).when(create).thenRefused('SHOP_GOODS_EXIST');
    given(goodsDecider, { ...goods, price: money('6') }, { restocked: 9 })
      .when(create)
      .thenRefused('SHOP_GOODS_EXIST');
  });
  test('R14: the same key restocks once, another quantity is a conflict', () => {
    given(goodsDecider, goods, { restocked: 7 })
      .when({ type: 'Restock', requestKey: '1', quantity: 7 })
      .thenUnchanged();
    given(goodsDecider, goods, { restocked: 7 })
      .when({ type: 'Restock', requestKey: '1', quantity: 8 })
      .thenRefused('SHOP_REQUEST_KEY_CONFLICT');
  });
});

describe('coupon', () => {
  const use = { type: 'UseCoupon', orderId, userId, at: AT } as const;
  test('is used', () =>
    given(couponDecider, coupon)
      .when(use)
      .thenFacts({ type: 'CouponUsed', orderId, price: coupon.price, at: AT }));
  test('unknown', () => given(couponDecider, undefined).when(use).thenRefused('SHOP_COUPON_NO_EXIST', true));
  test("fault 3: another user's", () =>
    given(couponDecider, { ...coupon, userId: id<UserId>('9') })
      .when(use)
      .thenRefused('SHOP_COUPON_INVALIED', true));
  test('fault 3: used by another order', () =>
    given(couponDecider, { ...coupon, orderId: id<OrderId>('9') })
      .when(use)
      .thenRefused('SHOP_COUPON_INVALIED'));
  test('R8: the same order again', () =>
    given(couponDecider, { ...coupon, orderId })
      .when(use)
      .thenUnchanged());
  test('R2: a late use after the give-back', () =>
    given(couponDecider, coupon, { used: false, price: ZERO, givenBack: true })
      .when(use)
      .thenRefused('SHOP_COUPON_USE_FAIL'));
  test('a give-back of an order that did not use it frees nobody else', () => {
    const used = { ...coupon, orderId: id<OrderId>('9') };
    expect(given(couponDecider, used).when({ type: 'GiveCouponBack', orderId }).state()).toEqual(used);
  });
});

describe('wallet', () => {
  const take = { type: 'TakeMoney', orderId, amount: money('60') } as const;
  test('money is taken', () =>
    given(walletDecider, wallet).when(take).thenFacts({ type: 'MoneyTaken', orderId, amount: take.amount }));
  test('an unknown user, also when nothing is taken', () =>
    given(walletDecider, undefined)
      .when({ ...take, amount: ZERO })
      .thenRefused('SHOP_USER_NO_EXIST', true));
  test('nothing to take leaves no trace', () =>
    given(walletDecider, wallet)
      .when({ ...take, amount: ZERO })
      .thenUnchanged());
  test('a balance that is too small', () =>
    given(walletDecider, { ...wallet, money: money('59.99') })
      .when(take)
      .thenRefused('SHOP_MONEY_PAID_INVALID'));
  test('R8: repeating the take that emptied the wallet', () =>
    given(walletDecider, { ...wallet, money: ZERO }, { taken: take.amount })
      .when(take)
      .thenUnchanged());
  test('fault 9: refunding when nothing was paid gives nothing', () =>
    given(walletDecider, wallet)
      .when({ type: 'GiveMoneyBack', orderId })
      .thenFacts({ type: 'MoneyGivenBack', orderId, amount: ZERO }));
  test('points are the amount rounded down', () =>
    given(walletDecider, wallet)
      .when({ type: 'AddPoints', payId, amount: money('4780.99') })
      .thenFacts({ type: 'PointsAdded', payId, points: 4780 }));
  test('R16: a refund takes the points back once, and a late gift finds that', () => {
    given(walletDecider, wallet, { taken: money('60'), pointsGiven: 40 })
      .when({ type: 'GiveMoneyBack', orderId, payId })
      .thenFacts(
        { type: 'MoneyGivenBack', orderId, amount: money('60') },
        { type: 'PointsTakenBack', payId, points: 40 },
      );
    given(walletDecider, wallet, { pointsGiven: 0, pointsTakenBack: true })
      .when({ type: 'AddPoints', payId, amount: price })
      .thenUnchanged();
  });
});

test('stock is conserved under any order of takes and give-backs, doubled and late', () => {
  const step = fc.record({
    take: fc.boolean(),
    order: fc.integer({ min: 1, max: 4 }),
    quantity: fc.integer({ min: 1, max: 4 }),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      let state = goods;
      const ledger = new Map<number, GoodsRecord>();
      for (const { take, order, quantity } of steps) {
        const key = id<OrderId>(String(order));
        const command: GoodsCommand = take
          ? { type: 'TakeStock', orderId: key, quantity, price }
          : { type: 'GiveStockBack', orderId: key };
        const { decision, state: next } = given(goodsDecider, state, ledger.get(order)).when(command);
        if (decision.kind !== 'accept') continue;
        const record = ledger.get(order);
        ledger.set(order, take ? { taken: quantity } : { taken: record?.taken ?? 0, givenBack: true });
        state = next() ?? state;
      }
      const held = [...ledger.values()].reduce(
        (sum, { taken = 0, givenBack }) => sum + (givenBack ? 0 : taken),
        0,
      );
      expect(state.stock).toBeGreaterThanOrEqual(0);
      expect(state.stock + held).toBe(goods.stock);
    }),
  );
});
