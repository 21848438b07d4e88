// Whatever customers do at once, nothing is sold twice, used twice or overdrawn (promise 2), and a request that is
// sent again is one order (R15).
import { DEMO_USERS } from '../../persistence/demo-data';
import { BACKENDS, type TestNode } from '../helpers/node';
import { expectRefused, must, Shop, USER } from '../helpers/shop';
import type { OrderLine, Reply } from '../helpers/shop';
import { until } from '../helpers/until';

const CUSTOMERS = DEMO_USERS.map((user) => user.userId);
/** 137.00 in the wallet. */
const POOR = CUSTOMERS[1] ?? '';

const times = <Result>(count: number, run: (place: number) => Promise<Result>): Promise<Result[]> =>
  Promise.all(Array.from({ length: count }, (_, place) => run(place)));

const confirmed = (replies: readonly Reply[]): readonly Reply[] => replies.filter((reply) => reply.success);
const refused = (replies: readonly Reply[]): readonly Reply[] => replies.filter((reply) => !reply.success);
const idsOf = (replies: readonly Reply[]): ReadonlySet<unknown> =>
  new Set(replies.map((reply) => reply.data['orderId']));

describe.each(BACKENDS)('many at once, $name', ({ open }) => {
  let node: TestNode;
  let shop: Shop;
  /** 200.00 each, plenty. */
  let goods: OrderLine;

  beforeAll(async () => {
    node = await open();
    shop = new Shop(node);
    goods = await shop.createGoods('200.00', 10_000);
  }, 90_000);
  afterAll(() => node.remove());

  it('fault 2: 50 orders for a stock of 10 sell exactly 10', async () => {
    const rare = await shop.createGoods('150.00', 10);
    const replies = await times(50, (place) =>
      shop.placeOrder([rare], { userId: CUSTOMERS[place % CUSTOMERS.length] ?? USER }),
    );
    expect(confirmed(replies)).toHaveLength(10);
    refused(replies).forEach((reply) => expectRefused(reply, 'SHOP_GOODS_NUM_NOT_ENOUGH'));
    expect(await shop.stock(rare.goodsId)).toBe(0);
  });

  it('fault 2: orders of different sizes never take more than there is', async () => {
    const rare = await shop.createGoods('150.00', 20);
    const replies = await times(20, (place) =>
      shop.placeOrder([{ ...rare, goodsNumber: 1 + (place % 4) }], {
        userId: CUSTOMERS[place] ?? USER,
      }),
    );
    const sold = confirmed(replies).reduce((sum, { data }) => sum + Number(data['goodsNumber']), 0);
    expect(sold).toBeLessThanOrEqual(20);
    // Whoever was refused wanted more than was left.
    expect(sold).toBeGreaterThan(16);
    expect(await shop.stock(rare.goodsId)).toBe(20 - sold);
  });

  it('fault 3: one coupon, five orders at once: one has it', async () => {
    const couponId = await shop.issueCoupon('20.00');
    const replies = await times(5, () => shop.placeOrder([goods], { couponId, moneyPaid: '1.00' }));
    const [winner, ...others] = confirmed(replies);
    expect(others).toEqual([]);
    refused(replies).forEach((reply) => expectRefused(reply, 'SHOP_COUPON_INVALIED'));
    const { orderId } = winner?.data ?? {};
    expect(await shop.coupon(couponId)).toMatchObject({ isUsed: 1, orderId });
    // Only the winner's money stays taken.
    await until('the losers to have their money back', async () => (await shop.balance()) === '999.00');

    must(await shop.cancelOrder(orderId));
    await until('the coupon to be back', async () => (await shop.coupon(couponId))['isUsed'] === 0);
    const [next] = confirmed(await times(5, () => shop.placeOrder([goods], { couponId })));
    expect(await shop.coupon(couponId)).toMatchObject({ isUsed: 1, orderId: next?.data['orderId'] });
  });

  it('a wallet never goes below 0', async () => {
    const replies = await times(15, () => shop.placeOrder([goods], { userId: POOR, moneyPaid: '20.00' }));
    expect(confirmed(replies)).toHaveLength(6);
    refused(replies).forEach((reply) => expectRefused(reply, 'SHOP_MONEY_PAID_INVALID'));
    expect(await shop.balance(POOR)).toBe('17.00');
  });

  it('goods in opposite orders do not lock each other out', async () => {
    const [one, two] = await times(2, () => shop.createGoods('60.00', 20));
    if (!one || !two) throw new Error('no goods');
    const replies = await times(40, (place) =>
      shop.placeOrder(place % 2 === 0 ? [one, two] : [two, one], {
        userId: CUSTOMERS[place % CUSTOMERS.length] ?? USER,
      }),
    );
    // Each takes one of both, so as many get both as there are, unless two take the last ones from each other.
    expect(confirmed(replies).length).toBeLessThanOrEqual(20);
    await until('what was taken in vain to be back', async () => {
      const left = 20 - confirmed(replies).length;
      const stocks = [await shop.stock(one.goodsId), await shop.stock(two.goodsId)];
      return stocks.every((stock) => stock === left);
    });
  });

  it('R15: one Idempotency-Key, 20 times at once: one order', async () => {
    const before = Number(await shop.stock(goods.goodsId));
    const replies = await times(20, () => shop.placeOrder([goods], { key: 'at-once' }));
    replies.forEach(must);
    expect(idsOf(replies).size).toBe(1);
    expect(await shop.stock(goods.goodsId)).toBe(before - 1);

    const later = must(await shop.placeOrder([goods], { key: 'at-once' }));
    expect(later.data['orderId']).toBe(replies[0]?.data['orderId']);
  });

  it('R15: the same key with another body is a conflict, and nothing runs', async () => {
    const before = await shop.stock(goods.goodsId);
    const more = [{ ...goods, goodsNumber: 2 }];
    expectRefused(await shop.placeOrder(more, { key: 'at-once' }), 'SHOP_ORDER_KEY_CONFLICT');
    const replies = await times(6, (place) =>
      shop.placeOrder([{ ...goods, goodsNumber: 1 + place }], { key: 'bodies' }),
    );
    const [one, ...others] = confirmed(replies);
    refused(replies).forEach((reply) => expectRefused(reply, 'SHOP_ORDER_KEY_CONFLICT'));
    expect(others).toEqual([]);
    expect(await shop.stock(goods.goodsId)).toBe(Number(before) - Number(one?.data['goodsNumber']));
  });

  it("R15: another user's key is another key, and the body may carry it", async () => {
    const replies = await times(3, (place) =>
      shop.placeOrder([goods], { userId: CUSTOMERS[place] ?? USER, key: 'shared' }),
    );
    replies.forEach(must);
    expect(idsOf(replies).size).toBe(3);
    const inBody = await shop.placeOrder([goods], { instead: { requestKey: 'shared' } });
    expect(must(inBody).data['orderId']).toBe(replies[0]?.data['orderId']);
  });

  it('R15: a refused order stays refused under its key', async () => {
    const rare = await shop.createGoods('150.00', 1);
    const two = [{ ...rare, goodsNumber: 2 }];
    const replies = await times(5, () => shop.placeOrder(two, { key: 'refused' }));
    replies.forEach((reply) => expectRefused(reply, 'SHOP_GOODS_NUM_NOT_ENOUGH'));
    expect(idsOf(replies).size).toBe(1);
    must(await shop.restock(rare.goodsId, 5, '7001'));
    expectRefused(await shop.placeOrder(two, { key: 'refused' }), 'SHOP_GOODS_NUM_NOT_ENOUGH');
    expect(await shop.stock(rare.goodsId)).toBe(6);
  });

  it('R14: restock and recharge happen once a request key', async () => {
    const scarce = await shop.createGoods('150.00', 1);
    (await times(10, () => shop.restock(scarce.goodsId, 5, '7002'))).forEach(must);
    expect(await shop.stock(scarce.goodsId)).toBe(6);
    expectRefused(await shop.restock(scarce.goodsId, 6, '7002'), 'SHOP_REQUEST_KEY_CONFLICT');
    must(await shop.restock(scarce.goodsId, 5, '7003'));
    expect(await shop.stock(scarce.goodsId)).toBe(11);

    const before = Number(await shop.balance(POOR));
    (await times(10, () => shop.recharge(POOR, '5.50', '7004'))).forEach(must);
    expect(await shop.balance(POOR)).toBe((before + 5.5).toFixed(2));
    expectRefused(await shop.recharge(POOR, '5.51', '7004'), 'SHOP_REQUEST_KEY_CONFLICT');
    expect(await shop.balance(POOR)).toBe((before + 5.5).toFixed(2));
  });

  it.each([
    [
      '/goods',
      'goodsId',
      { goodsName: 'Tea', goodsPrice: '12.00', goodsNumber: 7 },
      { goodsNumber: 8 },
      'SHOP_GOODS_EXIST',
    ],
    [
      '/coupons',
      'couponId',
      { userId: POOR, couponPrice: '3.00' },
      { couponPrice: '4.00' },
      'SHOP_COUPON_EXIST',
    ],
  ] as const)(
    'R14: %s are made once a request key, and never without',
    async (path, id, body, other, code) => {
      const make = (more: object) => shop.admin('POST', path, { ...body, ...more });
      const [first, ...repeats] = (await times(10, () => make({ requestKey: '5001' }))).map(must);
      expect(repeats.map(({ data }) => data)).toEqual(repeats.map(() => first?.data));
      expect(must(await make({ requestKey: '5002' })).data[id]).not.toBe(first?.data[id]);
      expectRefused(await make({ ...other, requestKey: '5001' }), code);
      for (const keys of [{}, { [id]: '5003', requestKey: '5003' }]) {
        const reply = await make(keys);
        expectRefused(reply, 'SHOP_REQUEST_PARAMETER_VALID');
        expect(reply.message).toContain(`either ${id} or requestKey`);
      }
    },
  );

  it('an order cancelled 20 times at once is given back once', async () => {
    const couponId = await shop.issueCoupon('20.00');
    const [stock, money] = [await shop.stock(goods.goodsId), await shop.balance()];
    const orderId = await shop.confirmedOrder([goods], { couponId, moneyPaid: '50.00' });
    (await times(20, () => shop.cancelOrder(orderId))).forEach(must);
    await until('all to be back', async () => {
      const { isUsed } = await shop.coupon(couponId);
      return isUsed === 0 && (await shop.stock(goods.goodsId)) === stock && (await shop.balance()) === money;
    });
    expect(must(await shop.findOrder(orderId)).data).toMatchObject({ orderStatus: 2, payStatus: 0 });
  });

  it('a payment created 10 times at once is one payment', async () => {
    const orderId = await shop.confirmedOrder([goods]);
    const replies = await times(10, () => shop.createPayment(orderId, '200.00'));
    replies.forEach(must);
    expect(new Set(replies.map(({ data }) => data['payId'])).size).toBe(1);
    expect(new Set(replies.map(({ data }) => data['payUrl'])).size).toBe(1);
  });

  it('after all that, the books are clean', async () => {
    await shop.booksAreClean();
    expect(await shop.deadLetters()).toEqual([]);
  });
});
