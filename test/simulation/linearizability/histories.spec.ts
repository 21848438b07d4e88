// Histories made by hand: what an order explains passes, and what none does is found at the answer that is wrong.
import type { CouponCommand } from '../../../actors/domain/coupon';
import { ok, refused, retry, silence, type Answer } from '../../../actors/domain/envelope';
import type { GoodsCommand } from '../../../actors/domain/goods';
import { id, type OrderId, type PayId, type UserId } from '../../../actors/domain/ids';
import { money } from '../../../actors/domain/money';
import type { WalletCommand } from '../../../actors/domain/wallet';
import { couponModel } from './coupon-model';
import { goodsModel } from './goods-model';
import type { Operation } from './operation';
import { findInexplicable } from './report';
import { walletModel } from './wallet-model';

type Span = readonly [invokedAt: number, returnedAt?: number];

const was = <Command extends { type: string }>(
  [invokedAt, returnedAt]: Span,
  command: Command,
  answer?: Answer,
  attempt = 1,
): Operation<Command> => ({ invokedAt, returnedAt, command, attempt, answer });

const orderId = (number: number): OrderId => id<OrderId>(String(number));

describe('goods', () => {
  const price = money('5.00');
  const model = () => goodsModel({ name: 'a lamp', price, stock: 10 });
  const take = (order: number, quantity = 3): GoodsCommand => ({
    type: 'TakeStock',
    orderId: orderId(order),
    quantity,
    price,
  });
  const giveBack = (order: number): GoodsCommand => ({ type: 'GiveStockBack', orderId: orderId(order) });
  const find: GoodsCommand = { type: 'FindGoods' };
  const stock = (number: number): Answer => ok({ price, stock: number });
  const notEnough = refused('SHOP_GOODS_NUM_NOT_ENOUGH');
  const unknown = retry('unavailable');
  const check = (...history: Operation<GoodsCommand>[]): string | undefined =>
    findInexplicable(model(), history);

  it.each<[string, Operation<GoodsCommand>[]]>([
    ['nothing at all', []],
    ['one after the other', [was([1, 2], take(1), ok({})), was([3, 4], find, stock(7))]],
    ['a read beside a take that sees it', [was([1, 9], take(1), ok({})), was([2, 3], find, stock(7))]],
    ['a read beside a take that does not', [was([1, 9], take(1), ok({})), was([2, 3], find, stock(10))]],
    ['two at once for the last', [was([1, 9], take(1, 6), ok({})), was([1, 8], take(2, 6), notEnough)]],
    [
      'a repeat',
      [was([1, 2], take(1), ok({})), was([3, 4], take(1), ok({}), 2), was([5, 6], find, stock(7))],
    ],
    [
      'a doubled message refused by rule, though it was done',
      [was([1, 2], take(1, 8), ok({})), was([3, 4], take(1, 8), notEnough), was([5, 6], find, stock(2))],
    ],
    [
      'a late take after its give-back',
      [
        was([1, 2], giveBack(1), ok({})),
        was([3, 4], take(1), refused('SHOP_REDUCE_GOODS_NUM_FAIL'), 2),
        was([5, 6], find, stock(10)),
      ],
    ],
    ['an unknown take that happened', [was([1, 2], take(1), unknown), was([3, 4], find, stock(7))]],
    ['an unknown take that did not', [was([1, 2], take(1), unknown), was([3, 4], find, stock(10))]],
    [
      'an unknown take that happens long after it was answered',
      [was([1, 2], take(1), unknown), was([3, 4], find, stock(10)), was([5, 6], find, stock(7))],
    ],
    [
      'of two unknown takes the second',
      [was([1], take(1, 2)), was([2, 3], take(2, 3), silence('no answer')), was([4, 5], find, stock(7))],
    ],
    ['one turned away', [was([1, 2], take(1), retry('not-owner')), was([3, 4], find, stock(10))]],
    [
      'a price that changes',
      [
        was([1, 2], { type: 'ChangePrice', price: money('6.00') }, ok({ price: '6.00', stock: 10 })),
        was([3, 4], take(1), refused('SHOP_GOODS_PRICE_INVALID', true)),
      ],
    ],
    [
      'a restocking and its repeat',
      [
        was([1, 2], { type: 'Restock', requestKey: '77', quantity: 5 }, stock(15)),
        was([3, 4], { type: 'Restock', requestKey: '77', quantity: 5 }, stock(15)),
        was([5, 6], { type: 'Restock', requestKey: '77', quantity: 6 }, refused('SHOP_REQUEST_KEY_CONFLICT')),
      ],
    ],
  ])('explains %s', (_what, history) => {
    expect(check(...history)).toBeUndefined();
  });

  it.each<[string, number, Operation<GoodsCommand>[]]>([
    ['a stale read', 4, [was([1, 2], take(1), ok({})), was([3, 4], find, stock(10))]],
    [
      'a lost update',
      6,
      [was([1, 3], take(1), ok({})), was([2, 4], take(2), ok({})), was([5, 6], find, stock(7))],
    ],
    [
      'a double take',
      6,
      [was([1, 2], take(1), ok({})), was([3, 4], take(1), ok({}), 2), was([5, 6], find, stock(4))],
    ],
    ['a read of the future', 2, [was([1, 2], find, stock(7)), was([3, 4], take(1), ok({}))]],
    [
      'a read that goes back',
      6,
      [was([1, 9], take(1), ok({})), was([2, 3], find, stock(7)), was([4, 6], find, stock(10))],
    ],
    ['more sold than there was', 9, [was([1, 8], take(1, 6), ok({})), was([1, 9], take(2, 6), ok({}))]],
    [
      'an unknown take that must have happened, and did not',
      6,
      [was([1, 2], take(1, 6), unknown), was([3, 4], take(2, 5), notEnough), was([5, 6], find, stock(10))],
    ],
    [
      'an unknown take that cannot have happened',
      4,
      [was([1, 4], find, stock(7)), was([5, 6], take(1), unknown)],
    ],
    [
      'an unknown take that happened twice',
      8,
      [
        was([1, 2], take(1), unknown),
        was([3, 4], take(1), unknown, 2),
        was([5, 6], find, stock(7)),
        was([7, 8], find, stock(4)),
      ],
    ],
    ['a take after its give-back', 4, [was([1, 2], giveBack(1), ok({})), was([3, 4], take(1), ok({}), 2)]],
    [
      'a give-back of more than was taken',
      4,
      [was([1, 2], giveBack(1), ok({})), was([3, 4], find, stock(13))],
    ],
    ['a refusal with an effect', 4, [was([1, 2], take(1, 11), notEnough), was([3, 4], find, stock(-1))]],
    ['a refusal without a reason', 2, [was([1, 2], take(1), notEnough)]],
    [
      'a repeat refused that was done',
      4,
      [was([1, 2], take(1, 8), ok({})), was([3, 4], take(1, 8), notEnough, 2)],
    ],
    ['one turned away that was done', 4, [was([1, 2], take(1), retry('busy')), was([3, 4], find, stock(7))]],
  ])('finds %s', (_what, step, history) => {
    expect(check(...history)).toContain(`no order explains the answer at step ${step}:`);
  });

  it('tells what no order explains, and what came before it only', () => {
    const history = [
      was([1, 6], take(1), ok({})),
      was([2, 3], take(2), retry('unavailable')),
      was([4, 5], find, stock(9)),
      was([7, 8], find, stock(7)),
    ];
    expect(check(...history)).toBe(
      [
        'no order explains the answer at step 5: [4..5] FindGoods {} attempt 1: {"outcome":"ok","data":{"price":"5.00","stock":9}}',
        'when it was due: stock 4 at 5.00 | stock 7 at 5.00 | stock 10 at 5.00',
        'begun with: stock 10 at 5.00; then',
        '  [1..] TakeStock {"orderId":"1","quantity":3,"price":"5.00"} attempt 1: no answer yet',
        '  [2..3] TakeStock {"orderId":"2","quantity":3,"price":"5.00"} attempt 1: {"outcome":"retry","reason":"unavailable"} (done or not)',
        '> [4..5] FindGoods {} attempt 1: {"outcome":"ok","data":{"price":"5.00","stock":9}}',
      ].join('\n'),
    );
  });

  it('says so if there are too many orders to try', () => {
    const takes = Array.from({ length: 40 }, (_, order) => was([order, 1_000], take(order, 1), ok({})));
    const report = findInexplicable(
      goodsModel({ name: 'a lamp', price, stock: 100 }),
      [...takes, was([500, 600], find, stock(1))],
      1_000,
    );
    expect(report).toContain('too many orders to try: undecided');
  });
});

describe('a wallet', () => {
  const take = (order: number, amount: string): WalletCommand => ({
    type: 'TakeMoney',
    orderId: orderId(order),
    amount: money(amount),
  });
  const payId = id<PayId>('9');
  const addPoints: WalletCommand = { type: 'AddPoints', payId, amount: money('12.99') };
  const giveBack: WalletCommand = { type: 'GiveMoneyBack', orderId: orderId(1), payId };
  const found = (left: string, score: number): Answer => ok({ money: left, score });
  const check = (...history: Operation<WalletCommand>[]): string | undefined =>
    findInexplicable(walletModel({ money: '100.10', score: 5 }), history);
  const find: WalletCommand = { type: 'FindWallet' };

  it('explains money and points that come and go', () => {
    expect(
      check(
        was([1, 2], take(1, '0.20'), ok({})),
        was([3, 5], addPoints, ok({})),
        was([4, 6], find, found('99.90', 17)),
        was([7, 8], giveBack, retry('moving')),
        was([9, 10], giveBack, ok({}), 2),
        was([11, 12], addPoints, ok({})),
        was([13, 14], find, found('100.10', 5)),
        was([15, 16], take(1, '0.20'), refused('SHOP_USER_MONEY_REFUND_ALREADY'), 2),
      ),
    ).toBeUndefined();
  });

  it('explains a take of nothing and of too much', () => {
    expect(
      check(
        was([1, 2], take(1, '0.00'), ok({})),
        was([3, 4], take(2, '100.11'), refused('SHOP_MONEY_PAID_INVALID')),
      ),
    ).toBeUndefined();
  });

  it('finds points given twice', () => {
    expect(
      check(
        was([1, 2], addPoints, ok({})),
        was([3, 4], addPoints, ok({})),
        was([5, 6], find, found('100.10', 29)),
      ),
    ).toContain('step 6:');
  });

  it('finds points taken back that come again', () => {
    expect(
      check(
        was([1, 2], giveBack, ok({})),
        was([3, 4], addPoints, ok({})),
        was([5, 6], find, found('100.10', 17)),
      ),
    ).toContain('step 6:');
  });

  it('finds a recharge that counted twice', () => {
    const recharge: WalletCommand = { type: 'Recharge', requestKey: '7', amount: money('10.00') };
    expect(
      check(was([1, 2], recharge, found('110.10', 5)), was([3, 4], recharge, found('120.10', 5))),
    ).toContain('step 4:');
  });
});

describe('a coupon', () => {
  const owner = id<UserId>('3');
  const use = (order: number, userId = owner): CouponCommand => ({
    type: 'UseCoupon',
    orderId: orderId(order),
    userId,
    at: '2026-01-01T00:00:00.000Z',
  });
  const giveBack = (order: number): CouponCommand => ({ type: 'GiveCouponBack', orderId: orderId(order) });
  const price = '20.00';
  const taken = refused('SHOP_COUPON_INVALIED');
  const check = (...history: Operation<CouponCommand>[]): string | undefined =>
    findInexplicable(couponModel({ price, userId: owner }), history);

  it('explains one use at a time', () => {
    expect(
      check(
        was([1, 4], use(1), ok({ price })),
        was([2, 3], use(2), taken),
        was([5, 6], use(3, id<UserId>('4')), refused('SHOP_COUPON_INVALIED', true)),
        was([7, 8], giveBack(2), ok({})),
        was([9, 10], giveBack(1), ok({})),
        was([11, 12], use(3), ok({ price })),
        was([13, 14], use(1), refused('SHOP_COUPON_USE_FAIL'), 2),
        was([15, 16], { type: 'FindCoupon' }, ok({ price, userId: owner, orderId: orderId(3) })),
      ),
    ).toBeUndefined();
  });

  it('finds two uses at once', () => {
    expect(check(was([1, 3], use(1), ok({ price })), was([2, 4], use(2), ok({ price })))).toContain(
      'step 4:',
    );
  });

  it('finds a give-back that freed what another had used', () => {
    expect(
      check(
        was([1, 2], use(1), ok({ price })),
        was([3, 4], giveBack(2), ok({})),
        was([5, 6], use(3), ok({ price })),
      ),
    ).toContain('step 6:');
  });
});
