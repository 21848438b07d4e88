// What people and other services do over NATS: ask at the front door, and inject events, which are hints that can
// make nothing happen twice and nothing that is not so (R1, faults 5, 8 and 9).
import { connect, type JetStreamClient, type NatsConnection } from 'nats';
import { DEMO_USERS } from '../../persistence/demo-data';
import { CODES } from '../../actors/domain/codes';
import { BACKENDS, type TestNode } from '../helpers/node';
import { signAs } from '../helpers/platform';
import { must, orderBody, PHONE, rows, Shop, USER } from '../helpers/shop';
import type { Data, OrderLine } from '../helpers/shop';
import { until } from '../helpers/until';

const OTHER = DEMO_USERS[1]?.userId ?? '';
const UNKNOWN = '8999999999999999999';

interface Envelope {
  readonly success: boolean;
  readonly code: number;
  readonly message: string;
  readonly data: Data | null;
}

describe.each(BACKENDS.filter(({ real }) => real))('over $name', ({ open }) => {
  let node: TestNode;
  let shop: Shop;
  let connection: NatsConnection;
  let events: JetStreamClient;
  let goods: OrderLine;

  beforeAll(async () => {
    const { nats, ...opened } = await open();
    node = opened;
    shop = new Shop(node);
    connection = await connect({ servers: nats?.url ?? '' });
    events = connection.jetstream();
    goods = await shop.createGoods('200.00', 1_000);
  }, 90_000);
  afterAll(async () => {
    await connection.close();
    await node.remove();
  });

  const ask = async (subject: string, body: unknown): Promise<Envelope> => {
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    const reply = await connection.request(`trade.${subject}`, text, { timeout: 5_000 });
    return reply.json();
  };

  const inject = async (subject: string, body: unknown, count = 1): Promise<void> => {
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    await Promise.all(Array.from({ length: count }, () => events.publish(subject, text)));
    await until('all groups to be done with it', async () => {
      const manager = await connection.jetstreamManager();
      const groups = await manager.consumers.list(subject.split('.')[0] ?? '').next();
      return groups.length > 0 && groups.every((one) => one.num_pending + one.num_ack_pending === 0);
    });
  };

  const order = async (orderId: string): Promise<Data> => must(await shop.findOrder(orderId)).data;

  it('answers the requests of PROTOCOL, with the same envelope as HTTP', async () => {
    const found = await ask('goods.find', { goodsId: PHONE.goodsId });
    expect(found).toMatchObject({ success: true, code: 1, data: { ...PHONE, goodsNumber: 1_000 } });

    const placed = await ask('order.place', orderBody([goods], { moneyPaid: '50.00' }));
    expect(placed).toMatchObject({ success: true, data: { orderStatus: 1, payAmount: '150.00' } });
    const orderId = String(placed.data?.['orderId']);
    expect((await ask('order.find', { orderId })).data).toEqual(await order(orderId));
    expect((await ask('wallet.find', { userId: USER })).data).toMatchObject({ userMoney: '950.00' });

    const body = orderBody([goods], { instead: { requestKey: 'over-nats' } });
    const [first, second] = await Promise.all([ask('order.place', body), ask('order.place', body)]);
    expect(first.data?.['orderId']).toBe(second.data?.['orderId']);

    expect(await ask('order.cancel', { orderId })).toMatchObject({ success: true, data: { orderStatus: 2 } });
    await until('the money to be back', async () => (await shop.balance()) === '1000.00');

    const issued = await ask('coupon.issue', { userId: USER, couponPrice: '20.00', requestKey: '9002' });
    const couponId = issued.data?.['couponId'];
    expect((await ask('coupon.find', { couponId })).data).toMatchObject({ isUsed: 0, couponPrice: '20.00' });
    const recharge = { userId: OTHER, amount: '3.00', requestKey: '9001' };
    expect((await ask('wallet.recharge', recharge)).data).toMatchObject({ userMoney: '140.00' });
    expect((await ask('wallet.recharge', recharge)).data).toMatchObject({ userMoney: '140.00' });
  });

  it('refuses what does not fit, and what is not there', async () => {
    const codeOf = async (subject: string, body: unknown): Promise<unknown> => {
      const { success, code, message } = await ask(subject, body);
      expect(success).toBe(false);
      expect(message).not.toBe('');
      return code;
    };
    expect(await codeOf('order.place', '')).toBe(CODES.SHOP_MQ_MESSAGE_BODY_IS_EMPTY.code);
    for (const junk of ['{', 'null', '[]', '{}', '{"goodsId":{"$gt":0}}']) {
      expect(await codeOf('order.place', junk)).toBe(-1);
      expect(await codeOf('goods.find', junk)).toBe(-1);
    }
    expect(await codeOf('order.find', { orderId: UNKNOWN })).toBe(CODES.SHOP_ORDER_NO_EXIST.code);
    expect(await codeOf('goods.find', { goodsId: UNKNOWN })).toBe(CODES.SHOP_GOODS_NO_EXIST.code);
    expect(await codeOf('payment.find', { payId: UNKNOWN })).toBe(CODES.SHOP_PAYMENT_NOT_FOUND.code);
    const wrong = orderBody([goods], { instead: { orderAmount: '1.00' } });
    expect(await codeOf('order.place', wrong)).toBe(CODES.SHOP_ORDERAMOUNT_INVALID.code);
  });

  it('shows itself as the service `trade`', async () => {
    const infos = await connection.services.client().info('trade');
    const subjects: string[] = [];
    for await (const info of infos) subjects.push(...info.endpoints.map(({ subject }) => subject));
    expect(subjects).toEqual(expect.arrayContaining(['trade.order.place', 'trade.payment.callback']));
  });

  it('fault 10: takes a callback with the signature of the platform only', async () => {
    const orderId = await shop.confirmedOrder([goods]);
    const created = await ask('payment.create', { orderId, payAmount: '200.00' });
    const payId = String(created.data?.['payId']);
    const notice = { payId, orderId, isPaid: true, payAmount: '200.00', transactionId: 'over-nats-1' };
    const invalid = { success: false, code: CODES.SHOP_PAYMENT_SIGNATURE_INVALID.code };
    expect(await ask('payment.callback', { ...notice, signature: 'AAAA' })).toMatchObject(invalid);
    const signature = signAs(node.dataDir, JSON.stringify(notice));
    const more = { ...notice, transactionId: 'over-nats-2', signature };
    expect(await ask('payment.callback', more)).toMatchObject(invalid);
    expect((await ask('payment.find', { payId })).data).toMatchObject({ isPaid: 1, transactions: [] });

    expect(await ask('payment.callback', { ...notice, signature })).toMatchObject({ success: true });
    await until('the order to be paid', async () => (await order(orderId))['payStatus'] === 2);
    const unknown = { ...notice, payId: UNKNOWN };
    const signed = { ...unknown, signature: signAs(node.dataDir, JSON.stringify(unknown)) };
    expect(await ask('payment.callback', signed)).toMatchObject({
      success: false,
      code: CODES.SHOP_PAYMENT_NOT_FOUND.code,
    });
  });

  it('faults 5, 8 and 9: order_cancel injected 100 times cancels once, whatever its body claims', async () => {
    const [mine, others] = [await shop.issueCoupon('20.00'), await shop.issueCoupon('20.00', OTHER)];
    const otherOrder = await shop.confirmedOrder([goods], { userId: OTHER, couponId: others });
    const before = { stock: Number(await shop.stock(goods.goodsId)), money: await shop.balance() };
    const otherMoney = await shop.balance(OTHER);
    const phones = await shop.stock(PHONE.goodsId);
    const orderId = await shop.confirmedOrder([goods], { couponId: mine, moneyPaid: '30.00' });
    const claims = {
      orderId,
      userId: OTHER,
      userMoney: '999.00',
      couponId: others,
      goodsId: PHONE.goodsId,
      goodsNumber: 500,
      reason: 'because',
    };
    await inject('orderTopic.order_cancel', claims, 100);
    await until('it to be given back', async () => (await order(orderId))['compensationStatus'] === 2);
    expect(await order(orderId)).toMatchObject({ orderStatus: 2 });
    expect(await shop.stock(goods.goodsId)).toBe(before.stock);
    expect(await shop.balance()).toBe(before.money);
    expect(await shop.coupon(mine)).toMatchObject({ isUsed: 0 });
    // Nothing of what the body named has moved.
    expect(await shop.balance(OTHER)).toBe(otherMoney);
    expect(await shop.stock(PHONE.goodsId)).toBe(phones);
    expect(await shop.coupon(others, OTHER)).toMatchObject({ isUsed: 1, orderId: otherOrder });
    const books = await shop.orderBooks(orderId);
    for (const log of ['stockLog', 'moneyLog', 'couponLog']) expect(rows(books, log)).toHaveLength(2);
  });

  it('R1: order_cancel of a paid order gives nothing back, and a refund later still does', async () => {
    const couponId = await shop.issueCoupon('20.00');
    const before = { stock: Number(await shop.stock(goods.goodsId)), money: await shop.balance() };
    const points = await shop.points();
    const orderId = await shop.confirmedOrder([goods], { couponId, moneyPaid: '30.00' });
    const payId = await shop.paidOrder(orderId);
    await inject('orderTopic.order_cancel', { orderId, goodsId: goods.goodsId, goodsNumber: 1 }, 20);
    expect(await order(orderId)).toMatchObject({ orderStatus: 1, payStatus: 2, compensationStatus: 0 });
    expect(await shop.stock(goods.goodsId)).toBe(before.stock - 1);
    expect(await shop.balance()).not.toBe(before.money);
    expect(await shop.coupon(couponId)).toMatchObject({ isUsed: 1 });

    must(await shop.refund(payId));
    await until('everything to be back', async () => {
      const [transaction] = rows(must(await shop.findPayment(payId)).data, 'transactions');
      return (
        (await order(orderId))['compensationStatus'] === 2 &&
        transaction?.['state'] === 'refunded' &&
        (await shop.points()) === points
      );
    });
    expect({ stock: await shop.stock(goods.goodsId), money: await shop.balance() }).toEqual(before);
    expect(await shop.coupon(couponId)).toMatchObject({ isUsed: 0 });
  });

  it('R1: pay_status of an unpaid payment makes no points, and the real one later does', async () => {
    const points = await shop.points();
    const orderId = await shop.confirmedOrder([goods]);
    const payId = await shop.openPayment(orderId);
    const claims = { payId, orderId, payAmount: '200.00', isPaid: 2 };
    await inject('payTopic.pay_status', claims, 20);
    expect(await order(orderId)).toMatchObject({ orderStatus: 1, payStatus: 1 });
    expect(await shop.points()).toBe(points);

    await shop.pay(payId);
    await until('points and log', async () => {
      const { payLog } = await shop.paymentBooks(payId);
      return payLog !== undefined && (await shop.points()) === points + 200;
    });
    await inject('payTopic.pay_status', claims, 20);
    expect(await shop.points()).toBe(points + 200);
    expect(rows(await shop.paymentBooks(payId), 'scoreLog')).toHaveLength(1);
  });

  it('R1: pay_refund of booked money sends nothing back', async () => {
    const orderId = await shop.confirmedOrder([goods]);
    const payId = await shop.paidOrder(orderId);
    const [transaction] = rows(must(await shop.findPayment(payId)).data, 'transactions');
    const { transactionId } = transaction ?? {};
    await inject('payTopic.pay_refund', { payId, transactionId, amount: '200.00', reason: 'because' }, 5);
    expect(rows(must(await shop.findPayment(payId)).data, 'transactions')).toMatchObject([
      { state: 'booked' },
    ]);

    must(await shop.refund(payId));
    await until('the money to go back', async () => {
      const [now] = rows(must(await shop.findPayment(payId)).data, 'transactions');
      return now?.['state'] === 'refunded';
    });
  });

  it('the books are clean, and nobody had to be asked', async () => {
    await shop.booksAreClean();
    expect(await shop.deadLetters()).toEqual([]);
  });

  it('what cannot be read, or names what nobody knows, becomes a dead letter, and does no harm', async () => {
    await events.publish('orderTopic.order_cancel', 'this is not JSON');
    await events.publish('orderTopic.order_cancel', JSON.stringify({ orderId: UNKNOWN }));
    await until('both to be given up by all four groups', async () => {
      return (await shop.deadLetters()).length === 8;
    });
    const unknown = (await shop.deadLetters()).filter(({ key }) => key === UNKNOWN);
    expect(unknown.map(({ attempts }) => attempts)).toEqual([3, 3, 3, 3]);
    await shop.confirmedOrder([goods]);
  });
});
