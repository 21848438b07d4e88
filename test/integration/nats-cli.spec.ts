// Every command of docs/NATS-CLI.md and of the README's part on NATS does what the document says: as printed, by bash,
// on a running node; with the NATS CLI where it is installed, and always with what stands in for it.
import { connect, type NatsConnection } from 'nats';
import { GROUPS, STREAMS } from '../../actors/domain/events';
import { blocksToRun, linesCalling, readDocument } from '../helpers/documents';
import { natsPrograms, runLine } from '../helpers/nats-cli';
import { BACKENDS, type TestNode } from '../helpers/node';
import { signAs } from '../helpers/platform';
import { must, PHONE, rows, Shop, type Data } from '../helpers/shop';
import { until } from '../helpers/until';

const DOCUMENTS = ['docs/NATS-CLI.md', 'README.md'];

type Variables = Readonly<Record<string, string>>;

interface Step {
  /** Sets the shell's variables. */
  readonly given?: () => Promise<Variables> | Variables;
  /** Runs beside the command, until that has ended. */
  readonly during?: (hasEnded: () => boolean) => Promise<void>;
  /** Expects what should have come of it. @param answer of a request */
  readonly then: (printed: string, answer: Data, given: Variables) => Promise<void> | void;
}

describe.each(natsPrograms())('with $name', (program) => {
  let node: TestNode;
  let shop: Shop;
  let broker: NatsConnection;
  let environment: Variables;

  beforeAll(async () => {
    const { nats, ...opened } = await BACKENDS.find(({ real }) => real)!.open();
    node = opened;
    shop = new Shop(node);
    broker = await connect({ servers: nats!.url });
    environment = { HOME: node.dataDir, NATS_URL: nats!.url };
  }, 90_000);
  afterAll(async () => {
    await broker.close();
    await node.remove();
  });

  /** What the document's commands have made so far. */
  let orders: string[] = [];
  let payId = '';

  const confirmed = async () => ({ ORDER_ID: await shop.confirmedOrder([PHONE]) });
  const paid = async () => {
    const { ORDER_ID } = await confirmed();
    return { ORDER_ID, PAY_ID: await shop.paidOrder(ORDER_ID) };
  };
  const success: Step['then'] = (_, answer) => expect(answer['success']).toBe(true);
  const data = (expected: object): Step => ({
    then: (_, answer) => expect(answer).toMatchObject({ success: true, data: expected }),
  });
  const prints = (...texts: readonly string[]): Step => ({
    then: (printed) => {
      for (const text of texts) expect(printed).toContain(text);
    },
  });
  const order = async ({ ORDER_ID }: Variables) => must(await shop.findOrder(ORDER_ID)).data;
  const transactions = async ({ PAY_ID }: Variables) =>
    rows(must(await shop.findPayment(PAY_ID)).data, 'transactions').map(({ state }) => state);
  const isCancelled = async (given: Variables) =>
    until('the order to be cancelled', async () => (await order(given))['orderStatus'] === 2);
  const allGroupsAreDone = async () => {
    const manager = await broker.jetstreamManager();
    for (const stream of STREAMS)
      await until(`the groups of ${stream} to be done`, async () => {
        const groups = await manager.consumers.list(stream).next();
        return groups.every((one) => one.num_pending + one.num_ack_pending === 0);
      });
  };
  const placed: Step['then'] = (_, answer) => {
    expect(answer).toMatchObject({ success: true, data: { orderStatus: 1 } });
    orders.push(String((answer['data'] as Data)['orderId']));
  };
  const groupsOf = (stream: string) => GROUPS.filter(({ topic }) => topic === stream).map(({ name }) => name);

  /** By how their line begins; the longest one counts. */
  const steps: Readonly<Record<string, Step>> = {
    'nats req trade.order.place': { then: placed },
    'nats req trade.order.find': {
      given: () => ({ ORDER_ID: orders[0]! }),
      then: (_, answer, { ORDER_ID }) => expect(answer).toMatchObject({ data: { orderId: ORDER_ID } }),
    },
    'nats req trade.order.cancel': { given: confirmed, ...data({ orderStatus: 2 }) },
    'nats req trade.order.ship': { given: paid, ...data({ shippingStatus: 1 }) },
    'nats req trade.order.refund': {
      given: paid,
      then: async (printed, answer, given) => {
        await success(printed, answer, given);
        await until('the refund', async () => (await order(given))['orderStatus'] === 4);
      },
    },
    'nats req trade.payment.create': {
      given: () => ({ ORDER_ID: orders[0]! }),
      then: (_, answer) => {
        expect(answer).toMatchObject({ success: true, data: { payUrl: expect.any(String) } });
        payId = String((answer['data'] as Data)['payId']);
      },
    },
    'nats req trade.payment.find': {
      given: () => ({ PAY_ID: payId }),
      then: (_, answer) => expect(answer).toMatchObject({ data: { payId, isPaid: 1 } }),
    },
    'nats req trade.payment.refund': {
      given: paid,
      then: async (printed, answer, given) => {
        await success(printed, answer, given);
        await until('the refund', async () => (await transactions(given))[0] === 'refunded');
      },
    },
    'nats req trade.payment.callback': {
      given: () => {
        const [orderId] = orders;
        const notice = { payId, orderId, isPaid: true, payAmount: '4780.00', transactionId: 't-1' };
        const SIGNATURE = signAs(node.dataDir, JSON.stringify(notice));
        return { PAY_ID: payId, ORDER_ID: orderId!, SIGNATURE };
      },
      then: async (printed, answer, given) => {
        await success(printed, answer, given);
        await until('the order to be paid', async () => (await order(given))['payStatus'] === 2);
      },
    },
    'nats req trade.goods.find': data({ goodsId: PHONE.goodsId }),
    'nats req trade.goods.create': data({ goodsId: '1001', goodsNumber: 100 }),
    'nats req trade.goods.price': data({ goodsPrice: '35.00' }),
    'nats req trade.goods.restock': data({ goodsNumber: 150 }),
    'nats req --raw trade.goods.find': {
      then: (printed) => expect(JSON.parse(printed)).toMatchObject({ data: { goodsId: '1001' } }),
    },
    'nats --inbox-prefix _INBOX.operator req': data({ goodsId: '1001' }),
    'nats req trade.wallet.find': data({ userMoney: expect.any(String) }),
    'nats req trade.wallet.recharge': data({ userMoney: expect.any(String) }),
    'nats req trade.coupon.issue': data({ couponId: '3001', isUsed: 0 }),
    'nats req trade.coupon.find': data({ couponId: '3001', couponPrice: '20.00' }),
    'nats micro ls': prints('trade'),
    'nats micro info trade': prints('trade.order.place', 'trade.coupon.issue'),
    'nats micro stats trade': prints('order-place', 'coupon-issue'),
    'nats pub orderTopic.order_cancel': {
      given: () => ({ ORDER_ID: orders.at(-1)! }),
      then: (_, __, given) => isCancelled(given),
    },
    'nats pub --jetstream orderTopic.order_cancel': {
      given: confirmed,
      then: async (printed, _, given) => {
        expect(printed).toMatch(/Stored in Stream: orderTopic/);
        await isCancelled(given);
      },
    },
    'nats pub payTopic.pay_status': {
      given: paid,
      then: async (_, __, given) => {
        await allGroupsAreDone();
        expect(rows(await shop.paymentBooks(given['PAY_ID']), 'scoreLog')).toHaveLength(1);
      },
    },
    'nats pub payTopic.pay_refund': {
      given: async () => {
        const { PAY_ID } = await paid();
        const [transaction] = rows(must(await shop.findPayment(PAY_ID)).data, 'transactions');
        return { PAY_ID, TRANSACTION_ID: String(transaction?.['transactionId']) };
      },
      then: async (_, __, given) => {
        await allGroupsAreDone();
        expect(await transactions(given)).toEqual(['booked']);
      },
    },
    'nats stream ls': prints(...STREAMS),
    'nats stream info orderTopic': prints('orderTopic.>'),
    'nats stream get orderTopic': prints('orderTopic.order_cancel', 'orderId'),
    'nats consumer ls orderTopic': prints(...groupsOf('orderTopic')),
    'nats consumer ls payTopic': prints(...groupsOf('payTopic')),
    'nats consumer info payTopic': prints('payTopic.pay_status'),
    'nats sub': {
      during: async (hasEnded) => {
        const events = broker.jetstream();
        // Until it listens, and has heard one.
        await until('the subscriber to hear', async () => {
          await events.publish('orderTopic.order_cancel', JSON.stringify({ orderId: orders.at(-1) }));
          return hasEnded();
        });
      },
      ...prints('orderTopic.order_cancel', 'orderId'),
    },
  };
  const beginningOf = (line: string): string | undefined =>
    Object.keys(steps)
      .filter((beginning) => line.startsWith(`${beginning} `) || line === beginning)
      .sort((one, other) => other.length - one.length)[0];

  async function run(line: string): Promise<void> {
    const { given, during, then } = steps[beginningOf(line) ?? '']!;
    const variables = (await given?.()) ?? {};
    let hasEnded = false;
    const [printed] = await Promise.all([
      runLine(line, { program, env: { ...environment, ...variables } }).finally(() => (hasEnded = true)),
      during?.(() => hasEnded),
    ]);
    const answer = printed.split('\n').find((one) => one.startsWith('{')) ?? '{}';
    await then(printed, line.includes(' req ') ? (JSON.parse(answer) as Data) : {}, variables);
  }

  it.each(DOCUMENTS)(
    'every command of %s does what it says',
    async (path) => {
      orders = [];
      const lines = blocksToRun(readDocument(path), 'nats').flatMap((block) => linesOf(block));
      expect(lines.length).toBeGreaterThan(3);
      for (const line of lines) {
        try {
          await run(line);
        } catch (error) {
          throw new Error(`${line}\n${String(error)}`, { cause: error });
        }
      }
      await shop.booksAreClean();
      expect(await shop.deadLetters()).toEqual([]);
    },
    120_000,
  );

  it('no command is left out, and no step is idle', () => {
    const all = DOCUMENTS.flatMap((path) => linesCalling('nats', readDocument(path)));
    const marked = DOCUMENTS.flatMap((path) => blocksToRun(readDocument(path), 'nats').flatMap(linesOf));
    expect(marked).toEqual(all);
    const beginnings = all.map((line) => beginningOf(line) ?? line);
    expect([...new Set(beginnings)].sort()).toEqual(Object.keys(steps).sort());
  });
});

/** The commands of a block; the variables that it sets come from the steps. */
const linesOf = (block: string): readonly string[] =>
  block.split('\n').filter((line) => !/^(#.*|[A-Z_]+=\d+|)$/.test(line));
