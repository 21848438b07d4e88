// Nobody keeps stock by not paying (fault 14), and whoever pays at the last moment has paid or has the money back.
import { setTimeout as pause } from 'node:timers/promises';
import { BACKENDS, type TestNode } from '../helpers/node';
import { expectRefused, must, rows, Shop } from '../helpers/shop';
import type { Data, OrderLine } from '../helpers/shop';
import { until } from '../helpers/until';

const RACERS = 12;

describe.each(BACKENDS)('unpaid orders, $name', ({ open }) => {
  let node: TestNode;
  let shop: Shop;
  let goods: OrderLine;

  beforeAll(async () => {
    node = await open({ ORDER_EXPIRES_AFTER: '2s' });
    shop = new Shop(node);
    goods = await shop.createGoods('200.00', 1_000);
  }, 90_000);
  afterAll(() => node.remove());

  const order = async (orderId: string): Promise<Data> => must(await shop.findOrder(orderId)).data;
  const payment = async (payId: string): Promise<Data> => must(await shop.findPayment(payId)).data;
  const isOver = async (orderId: string): Promise<boolean> => {
    const { orderStatus, compensationStatus } = await order(orderId);
    return orderStatus === 2 && compensationStatus === 2;
  };

  it('fault 14: are cancelled when their time is over, and given back', async () => {
    const couponId = await shop.issueCoupon('20.00');
    const before = { stock: await shop.stock(goods.goodsId), money: await shop.balance() };
    const [bare, open, paid] = await Promise.all([
      shop.confirmedOrder([goods], { couponId, moneyPaid: '30.00' }),
      shop.confirmedOrder([{ ...goods, goodsNumber: 3 }]),
      shop.confirmedOrder([goods]),
    ]);
    const payId = await shop.openPayment(open);
    await shop.paidOrder(paid);
    await until('both to be over', async () => (await isOver(bare)) && (await isOver(open)));
    expect(await order(bare)).toMatchObject({ failName: 'SHOP_ORDER_EXPIRED', payStatus: 0 });
    expect(await shop.coupon(couponId)).toMatchObject({ isUsed: 0 });
    expectRefused(await shop.createPayment(bare, '150.00'), 'SHOP_PAYMENT_PAY_ERROR');

    // The platform was told first, so that nobody pays for nothing.
    expect(await shop.pay(payId)).toMatchObject({ status: 409, paid: false });
    expect(await payment(payId)).toMatchObject({ isPaid: 1, closedTime: expect.any(String) as string });

    // What was paid stays, though its time is over as well.
    expect(await order(paid)).toMatchObject({ orderStatus: 1, payStatus: 2 });
    expect(await shop.stock(goods.goodsId)).toBe(Number(before.stock) - 1);
    expect(await shop.balance()).toBe(before.money);
  });

  it('R16: a payment of which no callback ever told is found when the time is over', async () => {
    const orderId = await shop.confirmedOrder([goods]);
    const payId = await shop.openPayment(orderId);
    await shop.pay(payId, 'silent');
    expect(await order(orderId)).toMatchObject({ payStatus: 1 });
    await until('it to be booked', async () => (await order(orderId))['payStatus'] === 2);
    expect(await order(orderId)).toMatchObject({ orderStatus: 1, payId });
    expect(rows(await payment(payId), 'transactions')).toMatchObject([{ state: 'booked' }]);
  });

  it('promise 6: an order ends in time although too little was paid for it, and the money goes back', async () => {
    const before = await shop.stock(goods.goodsId);
    const orderId = await shop.confirmedOrder([goods]);
    const payId = await shop.openPayment(orderId);
    await shop.pay(payId, 'wrong-amount', { amount: '1.00' });
    await until('it to be over', () => isOver(orderId));
    expect(await order(orderId)).toMatchObject({ failName: 'SHOP_ORDER_EXPIRED', payStatus: 0 });
    await until('the money to be back', async () => {
      const [transaction] = rows(await payment(payId), 'transactions');
      return transaction?.['state'] === 'refunded';
    });
    // Whoever pays the rest now has it back, too.
    await shop.pay(payId, 'again');
    await until('both to be back', async () => {
      const states = rows(await payment(payId), 'transactions').map(({ state }) => state);
      return states.length === 2 && states.every((state) => state === 'refunded');
    });
    await until('the stock to be back', async () => (await shop.stock(goods.goodsId)) === before);
  });

  it('fault 14: whoever pays as the time ends has paid, or has the money back', async () => {
    const before = Number(await shop.stock(goods.goodsId));
    const race = async (_: unknown, place: number): Promise<'paid' | 'over'> => {
      const orderId = await shop.confirmedOrder([goods]);
      const payId = await shop.openPayment(orderId);
      // Expired orders are looked for every second: the payments meet that moment from both sides.
      const expires = Date.parse(String((await order(orderId))['expireTime']));
      await pause(Math.max(0, expires - Date.now()) + place * 100 - 100);
      const { status } = await shop.pay(payId);
      expect([200, 409]).toContain(status);
      let end: 'paid' | 'over' | undefined;
      await until('one or the other', async () => {
        const { orderStatus, payStatus } = await order(orderId);
        const [transaction, ...others] = rows(await payment(payId), 'transactions');
        const state = others.length > 0 ? 'several' : transaction?.['state'];
        if (orderStatus === 1 && payStatus === 2 && state === 'booked') end = 'paid';
        if (orderStatus === 2 && state === (status === 409 ? undefined : 'refunded')) end = 'over';
        return end !== undefined && (end === 'paid' || (await isOver(orderId)));
      });
      return end ?? 'over';
    };
    const ends = await Promise.all(Array.from({ length: RACERS }, race));
    const paid = ends.filter((end) => end === 'paid').length;
    await until('the stock to be back', async () => {
      return (await shop.stock(goods.goodsId)) === before - paid;
    });
  });

  it('after all that, the books are clean', async () => {
    await shop.booksAreClean();
    expect(await shop.deadLetters()).toEqual([]);
  });
});
