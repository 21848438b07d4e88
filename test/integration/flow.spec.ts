// From nothing to a paid order, as a newcomer does it: what `trade start` prints is run as it was printed.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { DEMO_COUPON_ID, DEMO_GOODS_ID, DEMO_USER_ID } from '../../persistence/demo-data';
import { BACKENDS, type TestNode } from '../helpers/node';
import { must, rows, Shop, type Data } from '../helpers/shop';
import { until } from '../helpers/until';

/** The bash lines of the welcome, without the log lines around them. */
function printedSnippet(logs: string): string {
  const from = logs.indexOf('# Get a token');
  expect(from).toBeGreaterThan(0);
  const lines = logs.slice(from).split('\n');
  const last = lines.findIndex((line) => line.startsWith('curl -s -X POST'));
  return lines.slice(0, last + 1).join('\n');
}

describe.each(BACKENDS)('from nothing to a paid order, $name', ({ open }) => {
  let node: TestNode;
  let shop: Shop;
  let orderId = '';
  let payId = '';

  beforeAll(async () => {
    node = await open();
    shop = new Shop(node);
  }, 90_000);
  afterAll(() => node.remove());

  it('is ready, alive and documented', async () => {
    for (const path of ['/healthz', '/readyz', '/metrics', '/docs']) {
      expect((await fetch(`${node.url}${path}`)).status).toBe(200);
    }
  });

  it('runs the printed snippet', async () => {
    const { stdout } = await promisify(execFile)('bash', ['-euc', printedSnippet(node.logs())]);
    const [placed, payment, paid] = stdout
      .replaceAll('}{', '}\n{')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Data);
    const order = placed?.['data'] as Data;
    orderId = String(order['orderId']);
    payId = String((payment?.['data'] as Data)['payId']);
    expect(placed).toMatchObject({ success: true, code: 1 });
    expect(order).toMatchObject({
      orderStatus: 1,
      payAmount: '4780.00',
      couponPaid: '20.00',
      moneyPaid: '200.00',
      shippingFee: '0.00',
      orderAmount: '5000.00',
    });
    expect(payment).toMatchObject({ success: true, data: { orderId, payAmount: '4780.00' } });
    expect(paid).toMatchObject({ paid: true, amount: '4780.00' });
  });

  it('took one from the stock, 200.00 from the wallet, and the coupon', async () => {
    expect(await shop.stock(DEMO_GOODS_ID)).toBe(999);
    expect(await shop.balance()).toBe('800.00');
    expect(await shop.coupon(DEMO_COUPON_ID)).toMatchObject({ isUsed: 1, orderId });
    const books = await shop.orderBooks(orderId);
    expect(rows(books, 'stockLog')).toMatchObject([{ goodsId: DEMO_GOODS_ID, goodsNumber: -1, logType: 1 }]);
    expect(rows(books, 'moneyLog')).toMatchObject([
      { userId: DEMO_USER_ID, useMoney: '200.00', moneyLogType: 1 },
    ]);
    expect(rows(books, 'couponLog')).toMatchObject([
      { couponId: DEMO_COUPON_ID, couponPrice: '20.00', logType: 1 },
    ]);
  });

  it('is paid: the points are there, and the pay log', async () => {
    await until('order, points and log', async () => {
      const { data } = await shop.findOrder(orderId);
      const books = await shop.paymentBooks(payId);
      return data['payStatus'] === 2 && (await shop.points()) === 4780 && books['payLog'] !== undefined;
    });
    expect((await shop.findOrder(orderId)).data).toMatchObject({ orderStatus: 1, payStatus: 2, payId });
    const books = await shop.paymentBooks(payId);
    expect(books).toMatchObject({ isPaid: 2, orderId, payAmount: '4780.00' });
    expect(books['payLog']).toMatchObject({ payId, orderId, payAmount: '4780.00' });
    expect(rows(books, 'transactions')).toMatchObject([{ state: 'booked', amount: '4780.00' }]);
    expect(rows(books, 'scoreLog')).toMatchObject([{ score: 4780, logType: 1 }]);
    expect(must(await shop.findPayment(payId)).data).toMatchObject({ isPaid: 2 });
  });

  it('ends with 0 on SIGINT, and everything is there after the next start', async () => {
    await shop.booksAreClean();
    await node.stop();
    await node.restart();
    expect((await shop.findOrder(orderId)).data).toMatchObject({ orderStatus: 1, payStatus: 2, payId });
    expect(await shop.stock(DEMO_GOODS_ID)).toBe(999);
    expect(await shop.balance()).toBe('800.00');
    expect(await shop.points()).toBe(4780);
    // The demo data is not put in again over what became of it.
    expect(await shop.coupon(DEMO_COUPON_ID)).toMatchObject({ isUsed: 1, orderId });
  });

  it('goes on selling, and the books are clean', async () => {
    const again = await shop.confirmedOrder([
      { goodsId: DEMO_GOODS_ID, goodsPrice: '5000.00', goodsNumber: 2 },
    ]);
    expect(BigInt(again)).toBeGreaterThan(BigInt(orderId));
    expect(await shop.stock(DEMO_GOODS_ID)).toBe(997);
    await shop.paidOrder(again);
    await shop.booksAreClean();
    expect(await shop.deadLetters()).toEqual([]);
  });
});
