// Money that arrives is booked once or goes back, whatever the platform does; nothing is believed without its
// signature (R13, R16, faults 10, 12 and 13).
import { generateKeyPairSync, sign } from 'node:crypto';
import { BACKENDS, type TestNode } from '../helpers/node';
import { signAs, type Notice } from '../helpers/platform';
import { expectRefused, must, rows, Shop, USER } from '../helpers/shop';
import type { Data, OrderLine, OrderWish } from '../helpers/shop';
import { until } from '../helpers/until';

const UNKNOWN = '8999999999999999999';

describe.each(BACKENDS)('payments, $name', ({ open }) => {
  let node: TestNode;
  let shop: Shop;
  /** 200.00 each, plenty; shipping is free. */
  let goods: OrderLine;

  beforeAll(async () => {
    node = await open();
    shop = new Shop(node);
    goods = await shop.createGoods('200.55', 10_000);
  }, 90_000);
  afterAll(() => node.remove());

  const ordered = async (wish: OrderWish = {}): Promise<{ orderId: string; payId: string }> => {
    const orderId = await shop.confirmedOrder([goods], wish);
    return { orderId, payId: await shop.openPayment(orderId) };
  };

  const order = async (orderId: string): Promise<Data> => must(await shop.findOrder(orderId)).data;
  const payment = async (payId: string): Promise<Data> => must(await shop.findPayment(payId)).data;

  const states = async (payId: string): Promise<string[]> =>
    rows(await payment(payId), 'transactions')
      .map(({ state, amount }) => `${String(state)} ${String(amount)}`)
      .sort();

  /** What the ledger says of the points for a payment. */
  const scores = async (payId: string): Promise<unknown[]> =>
    rows(await shop.paymentBooks(payId), 'scoreLog').map(({ score }) => score);

  const isPaid = async ({ orderId, payId }: { orderId: string; payId: string }): Promise<void> => {
    await until('order, points and log', async () => {
      const books = await shop.paymentBooks(payId);
      const given = rows(books, 'scoreLog').length === 1 && books['payLog'] !== undefined;
      return given && (await order(orderId))['payStatus'] === 2;
    });
    expect(await order(orderId)).toMatchObject({ orderStatus: 1, payStatus: 2, payId });
    expect(await payment(payId)).toMatchObject({ isPaid: 2 });
  };

  /** A callback with a transaction of its own. */
  const notice = async (payId: string, more: Partial<Notice> = {}): Promise<string> => {
    const { orderId, payAmount } = await payment(payId);
    return JSON.stringify({ payId, orderId, isPaid: true, payAmount, transactionId: `T-${payId}`, ...more });
  };

  it('creates one payment an order, for the amount that is due', async () => {
    const orderId = await shop.confirmedOrder([goods], { moneyPaid: '10.00' });
    expectRefused(await shop.createPayment(orderId, '200.55'), 'SHOP_PAYMENT_AMOUNT_INVALID');
    expect((await order(orderId))['payStatus']).toBe(0);
    const first = must(await shop.createPayment(orderId, '190.55')).data;
    const second = must(await shop.createPayment(orderId, '190.55')).data;
    expect(second).toEqual(first);
    expect(first['payUrl']).toBe(`${node.sandboxUrl}/pay/${String(first['payId'])}`);
    expect(await order(orderId)).toMatchObject({ payStatus: 1, payId: first['payId'] });
  });

  it('pays, with points rounded down, once', async () => {
    const placed = await ordered();
    const points = await shop.points();
    expect(await shop.pay(placed.payId)).toMatchObject({ paid: true, callback: 'delivered' });
    await isPaid(placed);
    expect(await scores(placed.payId)).toEqual([200]);
    expect(await shop.points()).toBe(points + 200);
    expectRefused(await shop.createPayment(placed.orderId, '200.55'), 'SHOP_PAYMENT_IS_PAID');
    expectRefused(await shop.cancelOrder(placed.orderId), 'SHOP_ORDER_STATUS_UPDATE_FAIL');
    expect(await order(placed.orderId)).toMatchObject({ orderStatus: 1, payStatus: 2 });
  });

  it('books a callback that comes twice at once, and again later, once', async () => {
    const placed = await ordered();
    await shop.pay(placed.payId, 'twice');
    await isPaid(placed);
    const [transaction] = rows(await payment(placed.payId), 'transactions');
    const body = await notice(placed.payId, { transactionId: String(transaction?.['transactionId']) });
    const repeats = await Promise.all(
      Array.from({ length: 10 }, () => shop.callback(body, signAs(node.dataDir, body))),
    );
    expect(repeats.map((reply) => [reply.status, reply.text])).toEqual(repeats.map(() => [200, 'success']));
    expect(await states(placed.payId)).toEqual(['booked 200.55']);
    expect(await scores(placed.payId)).toEqual([200]);
  });

  it('books a callback that comes late', async () => {
    const placed = await ordered();
    const answer = await shop.pay(placed.payId, 'late', { delayMs: 3_500 });
    expect(answer['callback']).toBe('under way');
    expect(await order(placed.orderId)).toMatchObject({ payStatus: 1 });
    await isPaid(placed);
  });

  it('refuses a wrong signature, and believes the right one that follows', async () => {
    const placed = await ordered();
    await shop.pay(placed.payId, 'bad-signature');
    await isPaid(placed);
    expect(node.logs()).toContain('callback not acknowledged');
    expect(await states(placed.payId)).toEqual(['booked 200.55']);
  });

  it('R13: sends a wrong amount back, and books the right one that follows', async () => {
    const placed = await ordered();
    await shop.pay(placed.payId, 'wrong-amount', { amount: '0.01' });
    await until('it to go back', async () => (await states(placed.payId))[0] === 'refunded 0.01');
    expect(await order(placed.orderId)).toMatchObject({ orderStatus: 1, payStatus: 1 });
    expect(await payment(placed.payId)).toMatchObject({ isPaid: 1 });
    expect(await scores(placed.payId)).toEqual([]);
    await shop.pay(placed.payId, 'again');
    await isPaid(placed);
    expect(await states(placed.payId)).toEqual(['booked 200.55', 'refunded 0.01']);
  });

  it('fault 13: sends a second payment of the same order back', async () => {
    const placed = await ordered();
    await shop.pay(placed.payId);
    await shop.pay(placed.payId, 'again');
    await until('the second to go back', async () => {
      return (await states(placed.payId)).join() === 'booked 200.55,refunded 200.55';
    });
    await isPaid(placed);
    expect(await scores(placed.payId)).toEqual([200]);
  });

  it('R16: closes the open payment of a cancelled order, so that nobody pays for nothing', async () => {
    const placed = await ordered();
    must(await shop.cancelOrder(placed.orderId));
    await until('it to be closed', async () => (await payment(placed.payId))['closedTime'] !== null);
    expect(await shop.pay(placed.payId)).toMatchObject({ status: 409, paid: false });
    expect(await states(placed.payId)).toEqual([]);
  });

  it.each(['silent', 'late'] as const)(
    'fault 12: sends money for a cancelled order back: %s',
    async (how) => {
      const placed = await ordered({ moneyPaid: '5.00' });
      // Of neither has the shop heard when the order is cancelled.
      await shop.pay(placed.payId, how, { delayMs: 60_000 });
      must(await shop.cancelOrder(placed.orderId));
      expectRefused(await shop.createPayment(placed.orderId, '195.55'), 'SHOP_PAYMENT_PAY_ERROR');
      await until('it to go back', async () => (await states(placed.payId))[0] === 'refunded 195.55');
      expect(await order(placed.orderId)).toMatchObject({ orderStatus: 2 });
      const { isPaid: paid, transactions } = await payment(placed.payId);
      expect(paid).toBe(1);
      expect(transactions).toMatchObject([{ refundTime: expect.any(String) as string }]);
      expect(await scores(placed.payId)).toEqual([]);
      expect(await shop.paymentBooks(placed.payId)).not.toHaveProperty('payLog');
    },
  );

  it('a customer who pays and cancels at once has paid or has the money back', async () => {
    const all = await Promise.all(Array.from({ length: 8 }, () => ordered({ moneyPaid: '1.00' })));
    await Promise.all(all.flatMap(({ orderId, payId }) => [shop.pay(payId), shop.cancelOrder(orderId)]));
    for (const { orderId, payId } of all) {
      await until('one or the other', async () => {
        const { orderStatus, payStatus } = await order(orderId);
        const [state] = await states(payId);
        return (
          (orderStatus === 1 && payStatus === 2 && state === 'booked 199.55') ||
          (orderStatus === 2 && payStatus !== 2 && [undefined, 'refunded 199.55'].includes(state))
        );
      });
    }
  });

  it('fault 10: a callback without the signature of the platform does nothing', async () => {
    const placed = await ordered();
    const body = await notice(placed.payId);
    const stranger = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
    const ofAnother = signAs(node.dataDir, await notice(placed.payId, { payAmount: '0.01' }));
    const forged = sign('RSA-SHA256', Buffer.from(body), stranger).toString('base64');
    for (const signature of [undefined, '', 'AAAA', 'not base64 at all', forged, ofAnother]) {
      const answer = await shop.callback(body, signature);
      expectRefused(answer, 'SHOP_PAYMENT_SIGNATURE_INVALID');
      expect(answer.text).not.toBe('success');
    }
    // The signature is over the bytes: the same JSON in other bytes is not signed.
    const spaced = await shop.callback(`${body} `, signAs(node.dataDir, body));
    expectRefused(spaced, 'SHOP_PAYMENT_SIGNATURE_INVALID');
    expect(await order(placed.orderId)).toMatchObject({ orderStatus: 1, payStatus: 1 });
    expect(await payment(placed.payId)).toMatchObject({ isPaid: 1, transactions: [] });
  });

  it('R13: never answers success for a payment that it does not know', async () => {
    const placed = await ordered();
    const unknown = await notice(placed.payId, { payId: UNKNOWN });
    const answer = await shop.callback(unknown, signAs(node.dataDir, unknown));
    expectRefused(answer, 'SHOP_PAYMENT_NOT_FOUND');
    expect(answer.text).not.toBe('success');
    for (const unreadable of ['', 'null', '{}', '{"payId":', await notice(placed.payId, { payAmount: 1 })]) {
      const refused = await shop.callback(unreadable, signAs(node.dataDir, unreadable));
      expect(refused.text).not.toBe('success');
      expect(refused.status).toBeGreaterThanOrEqual(400);
      expect(refused.status).toBeLessThan(500);
    }
    expect(await payment(placed.payId)).toMatchObject({ isPaid: 1, transactions: [] });
  });

  it('a notice that nothing was paid changes nothing', async () => {
    const placed = await ordered();
    const body = await notice(placed.payId, { isPaid: false });
    expect((await shop.callback(body, signAs(node.dataDir, body))).text).toBe('success');
    expect(await payment(placed.payId)).toMatchObject({ isPaid: 1, transactions: [] });
  });

  it('one transaction belongs to one payment', async () => {
    const [first, second] = [await ordered(), await ordered()];
    await shop.pay(first.payId);
    await isPaid(first);
    const [transaction] = rows(await payment(first.payId), 'transactions');
    const transactionId = String(transaction?.['transactionId']);
    for (const body of [
      await notice(second.payId, { transactionId }),
      await notice(first.payId, { transactionId, payAmount: '0.01' }),
    ]) {
      expectRefused(
        await shop.callback(body, signAs(node.dataDir, body)),
        'SHOP_PAYMENT_TRANSACTION_CONFLICT',
      );
    }
    expect(await payment(second.payId)).toMatchObject({ isPaid: 1, transactions: [] });
    expect(await states(first.payId)).toEqual(['booked 200.55']);
  });

  it('R16: an operator refunds a paid order, and everything goes back', async () => {
    const couponId = await shop.issueCoupon('20.00');
    const before = { stock: await shop.stock(goods.goodsId), money: await shop.balance() };
    const points = await shop.points();
    const placed = await ordered({ couponId, moneyPaid: '30.00' });
    expectRefused(await shop.refund(placed.payId), 'SHOP_PAYMENT_PAY_ERROR');
    await shop.pay(placed.payId);
    await isPaid(placed);
    expect(await shop.points()).toBe(points + 150);

    const refunds = await Promise.all(Array.from({ length: 5 }, () => shop.refund(placed.payId)));
    refunds.forEach((reply) => expect(must(reply).data['orderStatus']).toBe(4));
    await until('everything to be back', async () => {
      const { isUsed } = await shop.coupon(couponId);
      const [state] = await states(placed.payId);
      const { compensationStatus } = await order(placed.orderId);
      return isUsed === 0 && state === 'refunded 150.55' && compensationStatus === 2;
    });
    expect(await order(placed.orderId)).toMatchObject({ orderStatus: 4 });
    expect({ stock: await shop.stock(goods.goodsId), money: await shop.balance() }).toEqual(before);
    expect(await shop.points()).toBe(points);
    expect(await scores(placed.payId)).toEqual([150, -150]);
    // Called off it is, so calling it off again is a repeat.
    expect(must(await shop.cancelOrder(placed.orderId)).data['orderStatus']).toBe(4);
    expectRefused(
      await shop.admin('POST', `/orders/${placed.orderId}/ship`),
      'SHOP_ORDER_STATUS_UPDATE_FAIL',
    );
  });

  it('R16: an order that a wallet paid wholly is refunded by its own id', async () => {
    const before = { stock: await shop.stock(goods.goodsId), money: await shop.balance() };
    const orderId = await shop.confirmedOrder([goods], { moneyPaid: '200.55' });
    expect(await order(orderId)).toMatchObject({ payStatus: 2, payId: null, payAmount: '0.00' });
    expect(must(await shop.admin('POST', `/orders/${orderId}/refund`)).data['orderStatus']).toBe(4);
    await until('everything to be back', async () => (await order(orderId))['compensationStatus'] === 2);
    expect({ stock: await shop.stock(goods.goodsId), money: await shop.balance() }).toEqual(before);
  });

  it('R16: what is shipped is neither cancelled nor refunded, what is unpaid not shipped', async () => {
    const placed = await ordered();
    const ship = `/orders/${placed.orderId}/ship`;
    expectRefused(await shop.admin('POST', ship), 'SHOP_ORDER_STATUS_UPDATE_FAIL');
    await shop.pay(placed.payId);
    await isPaid(placed);
    expect(must(await shop.admin('POST', ship)).data['shippingStatus']).toBe(1);
    must(await shop.admin('POST', ship));
    expectRefused(await shop.refund(placed.payId), 'SHOP_ORDER_STATUS_UPDATE_FAIL');
    expectRefused(await shop.cancelOrder(placed.orderId), 'SHOP_ORDER_STATUS_UPDATE_FAIL');
    expect(await order(placed.orderId)).toMatchObject({ orderStatus: 1, payStatus: 2, userId: USER });
    expect(await states(placed.payId)).toEqual(['booked 200.55']);
  });

  it('after all that, the books are clean', async () => {
    await shop.booksAreClean();
    expect(await shop.deadLetters()).toEqual([]);
  });
});
