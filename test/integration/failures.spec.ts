// Whatever is wrong with an order is refused with its code, and nothing is left taken (SCHEMA, rules and codes).
import { DEMO_USERS } from '../../persistence/demo-data';
import type { Code } from '../../actors/domain/codes';
import { BACKENDS, type TestNode } from '../helpers/node';
import { expectRefused, must, orderBody, Shop, USER } from '../helpers/shop';
import type { Data, OrderLine, OrderWish, Reply } from '../helpers/shop';
import { until } from '../helpers/until';

const OTHER = DEMO_USERS[1]?.userId ?? '';
const NOBODY = '8999999999999999999';

describe.each(BACKENDS)('what is refused, $name', ({ open }) => {
  let node: TestNode;
  let shop: Shop;
  /** 30.00 each, so that shipping is 10.00; five in stock. */
  let cheap: OrderLine;
  /** 200.00 each, shipping is free. */
  let dear: OrderLine;
  /** Coupons of 15.00 each. */
  let mine: string;
  let used: string;
  let others: string;
  /** Refused orders that have a row. */
  const kept: { orderId: string; userId: string }[] = [];

  beforeAll(async () => {
    node = await open();
    shop = new Shop(node);
    [cheap, dear] = await Promise.all([shop.createGoods('30.00', 5), shop.createGoods('200.00', 100)]);
    [mine, used, others] = await Promise.all([
      shop.issueCoupon('15.00'),
      shop.issueCoupon('15.00'),
      shop.issueCoupon('15.00', OTHER),
    ]);
    await shop.confirmedOrder([dear], { couponId: used });
  }, 90_000);
  afterAll(() => node.remove());

  const many = (line: OrderLine, goodsNumber: number): OrderLine => ({ ...line, goodsNumber });

  /** Everything that an order can take. */
  const holdings = async (): Promise<Data> => ({
    cheap: await shop.stock(cheap.goodsId),
    dear: await shop.stock(dear.goodsId),
    money: await shop.balance(),
    mine: (await shop.coupon(mine))['isUsed'],
    used: (await shop.coupon(used))['orderId'],
    others: (await shop.coupon(others, OTHER))['isUsed'],
  });

  const ordersOf = async (userId: string): Promise<number> => {
    const token = node.token(userId);
    const { data } = must(await shop.request('GET', '/order?limit=200', { token }));
    return (data as unknown as readonly Data[]).length;
  };

  interface Case {
    readonly what: string;
    readonly lines: () => readonly OrderLine[];
    readonly wish?: () => OrderWish;
    readonly code: Code;
    /** The status that stays in the row; undefined: no row. */
    readonly status?: 2 | 3;
  }

  const CASES: readonly Case[] = [
    {
      what: 'no stock, with coupon and wallet given back',
      lines: () => [many(cheap, 6)],
      wish: () => ({ couponId: mine, moneyPaid: '10.00' }),
      code: 'SHOP_GOODS_NUM_NOT_ENOUGH',
      status: 2,
    },
    {
      what: 'no stock of one of two goods',
      lines: () => [many(cheap, 6), many(dear, 2)],
      code: 'SHOP_GOODS_NUM_NOT_ENOUGH',
      status: 2,
    },
    {
      what: 'the same goods twice: summed before stock is compared',
      lines: () => [many(cheap, 3), many(cheap, 3)],
      code: 'SHOP_GOODS_NUM_NOT_ENOUGH',
      status: 2,
    },
    {
      what: 'a used coupon',
      lines: () => [dear],
      wish: () => ({ couponId: used, moneyPaid: '10.00' }),
      code: 'SHOP_COUPON_INVALIED',
      status: 2,
    },
    {
      what: "fault 3: another user's coupon",
      lines: () => [dear],
      wish: () => ({ couponId: others, moneyPaid: '10.00' }),
      code: 'SHOP_COUPON_INVALIED',
      status: 3,
    },
    {
      what: 'more wallet money than there is',
      lines: () => [many(dear, 10)],
      wish: () => ({ couponId: mine, moneyPaid: '1500.00' }),
      code: 'SHOP_MONEY_PAID_INVALID',
      status: 2,
    },
    {
      what: 'coupon and wallet above the amount',
      lines: () => [cheap],
      wish: () => ({ couponId: mine, moneyPaid: '30.00' }),
      code: 'SHOP_MONEY_PAID_INVALID',
      status: 2,
    },
    {
      what: 'a price that is not the goods',
      lines: () => [{ ...dear, goodsPrice: '199.00' }],
      wish: () => ({ couponId: mine, moneyPaid: '10.00' }),
      code: 'SHOP_GOODS_PRICE_INVALID',
      status: 3,
    },
    {
      what: 'goods that are unknown',
      lines: () => [{ ...dear, goodsId: NOBODY }],
      wish: () => ({ couponId: mine, moneyPaid: '10.00' }),
      code: 'SHOP_GOODS_NO_EXIST',
      status: 3,
    },
    {
      what: 'a coupon that is unknown',
      lines: () => [dear],
      wish: () => ({ couponId: NOBODY, moneyPaid: '10.00' }),
      code: 'SHOP_COUPON_NO_EXIST',
      status: 3,
    },
    {
      what: 'a user that is unknown',
      lines: () => [dear],
      wish: () => ({ userId: NOBODY }),
      code: 'SHOP_USER_NO_EXIST',
      status: 3,
    },
    {
      what: "several at once: no stock comes before another user's coupon",
      lines: () => [many(cheap, 6)],
      wish: () => ({ couponId: others, moneyPaid: '10.00' }),
      code: 'SHOP_GOODS_NUM_NOT_ENOUGH',
      status: 2,
    },
    {
      what: 'a shipping fee that is not the rule',
      lines: () => [cheap],
      wish: () => ({ instead: { shippingFee: '0.00', orderAmount: '30.00' } }),
      code: 'SHOP_ORDER_SHIPPINGFEE_INVALID',
    },
    {
      what: 'fault 1: shipping that is not in the amount',
      lines: () => [cheap],
      wish: () => ({ instead: { orderAmount: '30.00' } }),
      code: 'SHOP_ORDERAMOUNT_INVALID',
    },
    {
      what: 'the same goods at two prices',
      lines: () => [dear, { ...dear, goodsPrice: '100.00' }],
      code: 'SHOP_GOODS_PRICE_INVALID',
    },
    {
      what: 'a price below zero',
      lines: () => [dear],
      wish: () => ({ instead: { goodsPrice: '-200.00', shippingFee: '10.00', orderAmount: '-190.00' } }),
      code: 'SHOP_GOODS_PRICE_INVALID',
    },
    {
      what: 'wallet money below zero',
      lines: () => [dear],
      wish: () => ({ moneyPaid: '-1.00' }),
      code: 'SHOP_MONEY_PAID_LESS_ZERO',
    },
    {
      what: 'wallet money above the amount',
      lines: () => [dear],
      wish: () => ({ moneyPaid: '200.01' }),
      code: 'SHOP_MONEY_PAID_INVALID',
    },
  ];

  it.each(CASES)('$what: $code', async ({ lines, wish, code, status }) => {
    const given = wish?.() ?? {};
    const userId = given.userId ?? USER;
    const [before, ordersBefore] = [await holdings(), await ordersOf(userId)];
    const answer = await shop.placeOrder(lines(), given);
    expectRefused(answer, code);
    if (status === undefined) {
      expect(await ordersOf(userId)).toBe(ordersBefore);
    } else {
      const { orderId } = answer.data;
      kept.push({ orderId: String(orderId), userId });
      const order = must(await shop.findOrder(orderId, userId)).data;
      expect(order).toMatchObject({ orderStatus: status, payStatus: 0, failCode: answer.code });
      expectRefused(await shop.createPayment(orderId, order['payAmount'], userId), 'SHOP_PAYMENT_PAY_ERROR');
    }
    await until('what was taken to be given back', async () => equal(await holdings(), before));
  });

  it('fault 1: adds shipping to what is due, up to 100.00', async () => {
    const goods = await shop.createGoods('100.00', 5);
    const few = await shop.placeOrder([goods]);
    expect(must(few).data).toMatchObject({
      shippingFee: '10.00',
      orderAmount: '110.00',
      payAmount: '110.00',
    });
    const more = await shop.placeOrder([goods, cheap]);
    expect(must(more).data).toMatchObject({
      shippingFee: '0.00',
      orderAmount: '130.00',
      payAmount: '130.00',
    });
    await shop.cancelOrder(more.data['orderId']);
    await until('the line to be back', async () => (await shop.stock(cheap.goodsId)) === 5);
    expect(await shop.stock(goods.goodsId)).toBe(4);
  });

  it('fault 15: keeps ids above 2^53 exact, and takes a safe integer for an id', async () => {
    const twins = ['9007199254740992', '9007199254740993'];
    for (const goodsId of [...twins, '4242']) {
      const body = { goodsId, goodsName: 'Twin', goodsPrice: '150.00', goodsNumber: 3 };
      expect(must(await shop.admin('POST', '/goods', body)).data['goodsId']).toBe(goodsId);
    }
    const line = { goodsId: twins[1] ?? '', goodsPrice: '150.00', goodsNumber: 1 };
    const placed = must(await shop.placeOrder([line]));
    expect(placed.text).toContain('"goodsId":"9007199254740993"');
    expect(must(await shop.findOrder(placed.data['orderId'])).text).toContain('"9007199254740993"');
    expect(await Promise.all(twins.map((goodsId) => shop.stock(goodsId)))).toEqual([3, 2]);

    const asNumber = must(await shop.placeOrder([line], { instead: { goodsId: 4242 } }));
    expect(asNumber.data['goodsId']).toBe('4242');
    const body = JSON.stringify(orderBody([line])).replace('"9007199254740993"', '9007199254740993');
    const unsafe = await shop.request('POST', '/order', { token: node.token(USER), body });
    expectRefused(unsafe, 'SHOP_REQUEST_PARAMETER_VALID');
  });

  it('orders several goods at once, lines of the same goods as one', async () => {
    const [one, two] = await Promise.all([shop.createGoods('12.34', 5), shop.createGoods('0.01', 5)]);
    const placed = must(await shop.placeOrder([many(one, 2), many(two, 5), many(one, 3)]));
    expect(placed.data).toMatchObject({ goodsAmount: '61.75', orderAmount: '71.75', payAmount: '71.75' });
    expect(placed.data['lines']).toHaveLength(2);
    expect(await shop.stock(one.goodsId)).toBe(0);
    expect(await shop.stock(two.goodsId)).toBe(0);
    const { orderId } = placed.data;
    expect(must(await shop.cancelOrder(orderId)).data['orderStatus']).toBe(2);
    await until('both lines to be back', async () => {
      return (await shop.stock(one.goodsId)) === 5 && (await shop.stock(two.goodsId)) === 5;
    });
  });

  it('a pay_amount of 0 makes the order paid at once', async () => {
    const couponId = await shop.issueCoupon('15.00');
    const placed = must(await shop.placeOrder([cheap], { couponId, moneyPaid: '25.00' }));
    expect(placed.data).toMatchObject({ orderStatus: 1, payStatus: 2, payAmount: '0.00' });
    expectRefused(await shop.createPayment(placed.data['orderId'], '0.00'), 'SHOP_PAYMENT_IS_PAID');
    expectRefused(await shop.cancelOrder(placed.data['orderId']), 'SHOP_ORDER_STATUS_UPDATE_FAIL');
  });

  const MALFORMED: readonly (readonly [what: string, instead: unknown])[] = [
    ['money with three decimals', { orderAmount: '5000.001' }],
    ['money as a number', { orderAmount: 5000 }],
    ['money in words', { shippingFee: 'free' }],
    ['an amount that no column holds', { orderAmount: '100000000.00' }],
    ['a quantity below zero', { goodsNumber: -1 }],
    ['no quantity', { goodsNumber: 0 }],
    ['half a piece', { goodsNumber: 1.5 }],
    ['more than a million', { goodsNumber: 1_000_001 }],
    ['a quantity as a text', { goodsNumber: '1' }],
    ['an id with letters', { goodsId: 'x1' }],
    ['an id that no column holds', { goodsId: '9223372036854775808' }],
    ['no goods', { goodsId: undefined }],
    ['goods and lines', { lines: [{ goodsId: '1', goodsPrice: '1.00', goodsNumber: 1 }] }],
    ['nested junk', { address: { street: [{ deep: [[[]]] }] } }],
    ['a member that nobody knows', { isAdmin: true }],
    ['a polluted prototype', JSON.parse('{"__proto__":{"isAdmin":true}}')],
    ['an empty address', { address: '' }],
    ['a character that PostgreSQL cannot store', { address: 'a\u0000b' }],
    ['no address', { address: undefined }],
  ];

  it.each(MALFORMED)('%s does not fit the schema', async (_what, instead) => {
    const line = { ...dear, goodsPrice: '5000.00' };
    const answer = await shop.placeOrder([line], { instead: instead as Data });
    expectRefused(answer, 'SHOP_REQUEST_PARAMETER_VALID');
    expect(answer.message).not.toBe('');
  });

  const NO_ORDERS: readonly (readonly [what: string, body: string])[] = [
    ['nothing', ''],
    ['null', 'null'],
    ['a list', '[]'],
    ['a text', '"order"'],
    ['a number', '42'],
    ['half an object', '{"userId":'],
    ['five thousand brackets', `{"lines":${'['.repeat(5_000)}`],
  ];

  it.each(NO_ORDERS)('a body that is %s does not fit either', async (_what, body) => {
    const headers = { 'content-type': 'application/json' };
    const answer = await shop.request('POST', '/order', { token: node.token(USER), body, headers });
    expectRefused(answer, 'SHOP_REQUEST_PARAMETER_VALID');
  });

  it('takes at most 50 lines', async () => {
    const lines = (count: number): OrderLine[] => Array.from({ length: count }, () => dear);
    expectRefused(await shop.placeOrder(lines(51)), 'SHOP_REQUEST_PARAMETER_VALID');
    expectRefused(await shop.placeOrder([], { instead: { lines: [] } }), 'SHOP_REQUEST_PARAMETER_VALID');
    const placed = must(await shop.placeOrder(lines(50)));
    expect(placed.data['goodsNumber']).toBe(50);
    must(await shop.cancelOrder(placed.data['orderId']));
  });

  it('a huge body is refused', async () => {
    const answer = await shop.placeOrder([dear], { instead: { address: 'x'.repeat(3_000_000) } });
    expectRefused(answer, 'SHOP_TOO_LARGE');
  });

  it('without a token, or with a wrong one, nobody does anything', async () => {
    const body = orderBody([dear]);
    const forged = `${node.token(USER).split('.').slice(0, 2).join('.')}.AAAA`;
    const none = `${Buffer.from('{"alg":"none"}').toString('base64url')}.${Buffer.from(
      JSON.stringify({ sub: USER }),
    ).toString('base64url')}.`;
    for (const token of [undefined, '', 'nonsense', forged, none]) {
      const call = token === undefined ? {} : { token };
      expectRefused(await shop.request('POST', '/order', { body, ...call }), 'SHOP_UNAUTHORIZED');
      expectRefused(await shop.request('GET', `/user/${USER}`, call), 'SHOP_UNAUTHORIZED');
      expectRefused(await shop.request('GET', '/admin/audit', call), 'SHOP_UNAUTHORIZED');
    }
    const token = node.token(USER);
    expectRefused(await shop.request('GET', '/admin/audit', { token }), 'SHOP_UNAUTHORIZED');
    const recharge = { userId: USER, amount: '1.00', requestKey: '1' };
    const asked = await shop.request('POST', '/admin/recharge', { token, body: recharge });
    expectRefused(asked, 'SHOP_UNAUTHORIZED');
  });

  it("another user's order, payment, wallet and coupons are theirs", async () => {
    const orderId = await shop.confirmedOrder([dear]);
    const payId = await shop.openPayment(orderId);
    const token = node.token(OTHER);
    const ask = (method: string, path: string, body?: unknown): Promise<Reply> =>
      shop.request(method, path, { token, ...(body === undefined ? {} : { body }) });
    for (const answer of [
      await ask('POST', '/order', orderBody([dear])),
      await ask('GET', `/order/${orderId}`),
      await ask('POST', `/order/${orderId}/cancel`),
      await ask('POST', '/pay/createPayment', { orderId, payAmount: '200.00' }),
      await ask('GET', `/pay/${payId}`),
      await ask('GET', `/user/${USER}`),
      await ask('GET', `/coupon?userId=${USER}`),
    ]) {
      expectRefused(answer, 'SHOP_FORBIDDEN');
    }
    expect(must(await shop.findOrder(orderId)).data['orderStatus']).toBe(1);
  });

  it('what does not exist is 404', async () => {
    expectRefused(await shop.findOrder(NOBODY), 'SHOP_ORDER_NO_EXIST');
    expectRefused(await shop.cancelOrder(NOBODY), 'SHOP_ORDER_NO_EXIST');
    expectRefused(await shop.createPayment(NOBODY, '1.00'), 'SHOP_ORDER_NO_EXIST');
    expectRefused(await shop.findPayment(NOBODY), 'SHOP_PAYMENT_NOT_FOUND');
    expectRefused(await shop.refund(NOBODY), 'SHOP_PAYMENT_NOT_FOUND');
    expectRefused(await shop.goods(NOBODY), 'SHOP_GOODS_NO_EXIST');
    expectRefused(await shop.user(NOBODY), 'SHOP_USER_NO_EXIST');
    expectRefused(await shop.admin('GET', `/orders/${NOBODY}`), 'SHOP_ORDER_NO_EXIST');
    expectRefused(await shop.request('GET', '/nowhere'), 'SHOP_NO_ROUTE');
    expectRefused(await shop.goods('x1'), 'SHOP_REQUEST_PARAMETER_VALID');
  });

  it('after all that, the books are clean', async () => {
    await shop.booksAreClean();
    for (const { orderId, userId } of kept) {
      expect((await shop.findOrder(orderId, userId)).data['compensationStatus']).toBe(2);
    }
    expect(kept).toHaveLength(CASES.filter(({ status }) => status !== undefined).length);
    expect(await shop.deadLetters()).toEqual([]);
  });
});

const equal = (left: Data, right: Data): boolean => JSON.stringify(left) === JSON.stringify(right);
