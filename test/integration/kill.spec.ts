// kill -9 of the node between any two steps of an order or a payment: every order ends, the books are clean, what
// was confirmed stays confirmed, and a callback that was answered is booked or sent back (promises 1 and 6).
import { connect } from 'nats';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Kind } from '../../actors/domain/envelope';
import { GROUPS, STREAMS } from '../../actors/domain/events';
import { sandboxFolder } from '../../bin/sandbox/keys';
import { DEMO_COUPONS, DEMO_GOODS } from '../../persistence/demo-data';
import { Customers } from '../helpers/customers';
import { BACKENDS, type TestNode } from '../helpers/node';
import { NodeBooks } from '../helpers/node-books';
import type { NatsServer } from '../helpers/servers';
import { PHONE, Shop } from '../helpers/shop';
import { until } from '../helpers/until';

jest.setTimeout(120_000);

const CUSTOMERS = 40;

/** A moment to kill at: as soon as it has come, or when everybody has gone without it. */
interface Moment {
  readonly name: string;
  readonly hasCome: (customers: Customers, sql: NodeBooks | undefined) => Promise<boolean> | boolean;
}

const found =
  (query: string): Moment['hasCome'] =>
  async (_customers, sql) =>
    (await sql?.query(`select 1 from ${query} limit 1`))?.rowCount === 1;

/** What a first query names by `id` is, or is not, found by a second one, which may be of another database. */
const foundToo =
  (named: string, query: string, isThere: boolean): Moment['hasCome'] =>
  async (_customers, sql) => {
    const ids = (await sql?.query<{ id: string }>(`select ${named}`))?.rows.map(({ id }) => id) ?? [];
    if (ids.length === 0) return false;
    const there = await sql?.query(`select 1 from ${query} = any($1)`, [ids]);
    return isThere ? there?.rowCount !== 0 : (there?.rowCount ?? 0) < ids.length;
  };

const afterAnswers = (count: number): Moment => ({
  name: `${count} answers have arrived`,
  hasCome: ({ tally }) => tally.answers >= count,
});

const IN_THE_BOOKS: readonly Moment[] = [
  { name: 'a pre-order is saved', hasCome: found('trade_order where order_status = 0') },
  {
    name: 'stock is taken for an order that is not confirmed',
    hasCome: foundToo(
      'order_id as id from trade_goods_number_log where order_id <> 0',
      'trade_order where order_status = 0 and order_id',
      true,
    ),
  },
  { name: 'an order is being undone', hasCome: found('trade_order where compensation_status = 1') },
  {
    name: 'a payment is booked but not in the log',
    hasCome: foundToo('pay_id as id from trade_pay where is_paid = 2', 'trade_pay_log where pay_id', false),
  },
];

describe.each(BACKENDS)('kill -9 on $name', ({ real, open }) => {
  let node: TestNode;
  let sql: NodeBooks | undefined;

  beforeAll(async () => {
    node = await open();
    if (!real) return;
    sql = await NodeBooks.open(node.env);
  }, 90_000);

  afterAll(async () => {
    await sql?.end();
    await node.remove();
  });

  const moments = real ? [...IN_THE_BOOKS, afterAnswers(30)] : [afterAnswers(1), afterAnswers(30)];

  it.each(moments.map((moment, seed) => ({ ...moment, seed: seed + 1 })))(
    'when $name (seed $seed)',
    async ({ hasCome, seed }) => {
      const customers = new Customers(node, seed);
      const wishes = customers.wishes(CUSTOMERS);
      const room = { empty: false };
      const visits = customers.come(wishes).finally(() => (room.empty = true));
      while (!room.empty && !(await hasCome(customers, sql))) await new Promise(setImmediate);
      await node.kill();
      await visits;

      await node.restart();
      await customers.come(wishes);
      await customers.expectKept();
    },
  );
});

/** A state that a kill may leave, and what must become of it: order_status, pay_status, compensation_status. */
interface HalfWay {
  readonly name: string;
  readonly plant: (books: Planter) => Promise<void>;
  readonly ends: readonly [order: number, pay: number, compensation: number];
}

const STATES: readonly HalfWay[] = [
  { name: 'saved, nothing taken', plant: (books) => books.place(), ends: [1, 0, 0] },
  {
    name: 'stock taken',
    plant: async (books) => {
      await books.place();
      await books.takeStock();
    },
    ends: [1, 0, 0],
  },
  {
    name: 'stock and coupon taken',
    plant: async (books) => {
      await books.place();
      await books.takeStock();
      await books.useCoupon();
    },
    ends: [1, 0, 0],
  },
  {
    name: 'everything taken, not confirmed',
    plant: async (books) => {
      await books.place();
      await books.takeAll();
    },
    ends: [1, 0, 0],
  },
  {
    name: 'everything taken, tried three times',
    plant: async (books) => {
      await books.place();
      await books.takeAll();
      await books.set('attempts = 3');
    },
    ends: [2, 0, 2],
  },
  {
    name: "stock and money taken, the coupon another order's meanwhile",
    plant: async (books) => {
      await books.place();
      await books.takeStock();
      await books.takeMoney();
      await books.loseCoupon();
    },
    ends: [2, 0, 2],
  },
  {
    name: 'cancelled, order_cancel not sent',
    plant: async (books) => {
      await books.confirmed();
      await books.cancel(false);
    },
    ends: [2, 0, 2],
  },
  {
    name: 'cancelled, order_cancel sent, nothing consumed',
    plant: async (books) => {
      await books.confirmed();
      await books.cancel(true);
    },
    ends: [2, 0, 2],
  },
  {
    name: 'cancelled, only the stock given back',
    plant: async (books) => {
      await books.confirmed();
      await books.cancel(true);
      await books.giveStockBack();
    },
    ends: [2, 0, 2],
  },
  {
    name: 'cancelled, all given back after that was given up',
    plant: async (books) => {
      await books.confirmed();
      await books.set('order_status = 2, fail_code = 10009, compensation_status = 3');
      await books.giveAllBack();
    },
    ends: [2, 0, 2],
  },
  {
    name: 'a payment opened in the order, but not made',
    plant: async (books) => {
      await books.confirmed();
      await books.set('pay_status = 1, pay_id = order_id + 1');
    },
    ends: [1, 1, 0],
  },
  {
    name: 'a payment booked, pay_status not sent',
    plant: async (books) => {
      await books.confirmed();
      await books.bookPayment(false);
    },
    ends: [1, 2, 0],
  },
  {
    name: 'a payment booked, the order paid, points and log missing',
    plant: async (books) => {
      await books.confirmed();
      await books.bookPayment(true);
      await books.set('pay_status = 2, pay_time = now()');
      await books.consumed('pay_payTopic_order_group', 'pay_status', books.payId);
    },
    ends: [1, 2, 0],
  },
];

const GOODS = DEMO_GOODS[0]?.goodsId ?? '';

/** Writes the rows that a node would have written, for one order with a coupon and 30.00 from the wallet. */
class Planter {
  readonly orderId: string;
  readonly payId: string;
  private readonly coupon: (typeof DEMO_COUPONS)[number];

  constructor(
    private readonly sql: NodeBooks,
    place: number,
  ) {
    this.orderId = String(900_000_000_000_000_000n + BigInt(place) * 10n);
    this.payId = String(BigInt(this.orderId) + 1n);
    this.coupon = DEMO_COUPONS[place] as (typeof DEMO_COUPONS)[number];
  }

  place(): Promise<void> {
    const { userId, couponId } = this.coupon;
    return this.run(
      `insert into trade_order (order_id, user_id, goods_id, goods_number, goods_price, goods_amount, shipping_fee,
        order_amount, coupon_id, money_paid, request_hash, expire_time, next_attempt_time)
       values ($1, $2, $3, 1, 5000, 5000, 0, 5000, $4, 30, 'planted', now() + interval '30 min', now() + interval '1 min')`,
      [this.orderId, userId, GOODS, couponId],
    );
  }

  takeStock(orderId = this.orderId): Promise<void> {
    return this.run(
      `with log as (insert into trade_goods_number_log (goods_id, order_id, goods_number) values ($1, $2, -1))
       update trade_goods set goods_number = goods_number - 1 where goods_id = $1`,
      [GOODS, orderId],
    );
  }

  useCoupon(orderId = this.orderId): Promise<void> {
    return this.run(
      `with log as (insert into trade_coupon_log (coupon_id, order_id, log_type, coupon_price) values ($1, $2, 1, $3))
       update trade_coupon set is_used = 1, order_id = $2, used_time = now() where coupon_id = $1`,
      [this.coupon.couponId, orderId, this.coupon.price],
    );
  }

  takeMoney(): Promise<void> {
    return this.run(
      `with log as (insert into trade_user_money_log (user_id, order_id, money_log_type, use_money) values ($1, $2, 1, 30))
       update trade_user set user_money = user_money - 30 where user_id = $1`,
      [this.coupon.userId, this.orderId],
    );
  }

  async takeAll(): Promise<void> {
    await this.takeStock();
    await this.useCoupon();
    await this.takeMoney();
  }

  /** The coupon's standing use is by a confirmed order of the same user. */
  async loseCoupon(): Promise<void> {
    const other = String(BigInt(this.orderId) + 5n);
    await this.run(
      `insert into trade_order (order_id, user_id, goods_id, goods_number, goods_price, goods_amount, shipping_fee,
        order_amount, coupon_id, coupon_paid, pay_amount, order_status, request_hash, expire_time)
       values ($1, $2, $3, 1, 5000, 5000, 0, 5000, $4, $5, 5000 - $5::numeric, 1, 'planted', now() + interval '30 min')`,
      [other, this.coupon.userId, GOODS, this.coupon.couponId, this.coupon.price],
    );
    await this.takeStock(other);
    await this.run(
      'insert into trade_user_money_log (user_id, order_id, money_log_type, use_money) values ($1, $2, 1, 0)',
      [this.coupon.userId, other],
    );
    await this.useCoupon(other);
  }

  set(change: string): Promise<void> {
    return this.run(`update trade_order set ${change}, version = version + 1 where order_id = $1`, [
      this.orderId,
    ]);
  }

  async confirmed(): Promise<void> {
    const paid = this.coupon.price;
    await this.place();
    await this.takeAll();
    await this.set(
      `order_status = 1, coupon_paid = ${paid}, pay_amount = 4970 - ${paid}, confirm_time = now(), next_attempt_time = null`,
    );
  }

  async cancel(sent: boolean): Promise<void> {
    await this.set('order_status = 2, fail_code = 10009, compensation_status = 1');
    const { userId, couponId } = this.coupon;
    const goods = { goodsId: GOODS, goodsNumber: 1 };
    const body = { orderId: this.orderId, userId, ...goods, couponId, userMoney: '30.00' };
    await this.event('orderTopic', 'order_cancel', this.orderId, body, sent);
  }

  async giveStockBack(): Promise<void> {
    await this.run(
      `with log as (insert into trade_goods_number_log (goods_id, order_id, goods_number, log_type) values ($1, $2, 1, 2))
       update trade_goods set goods_number = goods_number + 1 where goods_id = $1`,
      [GOODS, this.orderId],
    );
    await this.consumed('order_orderTopic_cancel_goods_group', 'order_cancel', `${this.orderId}:${GOODS}`);
  }

  async giveAllBack(): Promise<void> {
    const { userId, couponId, price } = this.coupon;
    await this.giveStockBack();
    await this.run(
      `with log as (insert into trade_coupon_log (coupon_id, order_id, log_type, coupon_price) values ($1, $2, 2, $3))
       update trade_coupon set is_used = 0, order_id = null, used_time = null where coupon_id = $1`,
      [couponId, this.orderId, price],
    );
    await this.run(
      `with log as (insert into trade_user_money_log (user_id, order_id, money_log_type, use_money) values ($1, $2, 2, 30))
       update trade_user set user_money = user_money + 30 where user_id = $1`,
      [userId, this.orderId],
    );
    for (const group of ['order', 'coupon', 'user'])
      await this.consumed(`order_orderTopic_cancel_${group}_group`, 'order_cancel', this.orderId);
  }

  async bookPayment(sent: boolean): Promise<void> {
    const { payId, orderId } = this;
    await this.set('pay_status = 1, pay_id = order_id + 1');
    const { rows } = await this.sql.query<{ pay_amount: string }>(
      'select pay_amount from trade_order where order_id = $1',
      [orderId],
    );
    await this.run(
      `with pay as (
         insert into trade_pay (pay_id, order_id, pay_amount, is_paid, version, pay_time)
         values ($1, $2, $3, 2, 2, now()) returning pay_amount)
       insert into trade_pay_transaction (provider, transaction_id, pay_id, amount, state)
       select 'sandbox', 'T' || $1::bigint, $1::bigint, pay_amount, 'booked' from pay`,
      [payId, orderId, rows[0]?.pay_amount],
    );
    await this.event('payTopic', 'pay_status', payId, { payId, orderId, isPaid: true }, sent);
  }

  event(topic: string, tag: string, key: string, body: object, sent: boolean): Promise<void> {
    return this.run(
      `insert into trade_mq_producer_temp (group_name, msg_topic, msg_tag, msg_key, msg_body, msg_status, sent_time)
       values ('planted', $1, $2, $3, $4, $5::int, case $5::int when 1 then now() end)`,
      [topic, tag, key, JSON.stringify(body), sent ? 1 : 0],
      topic === 'orderTopic' ? 'order' : 'payment',
    );
  }

  consumed(group: string, tag: string, key: string): Promise<void> {
    return this.run(
      `insert into trade_mq_consumer_log (msg_id, group_name, msg_tag, msg_key, consumer_status, consumer_times)
       values ($2::text || ':' || $3::text, $1, $2, $3, 1, 1)`,
      [group, tag, key],
      GROUPS.find(({ name }) => name === group)?.home,
    );
  }

  async ending(): Promise<readonly number[]> {
    const { rows } = await this.sql.query<{ ending: number[] }>(
      `select array[order_status, pay_status, compensation_status]::int[] as ending from trade_order where order_id = $1`,
      [this.orderId],
    );
    return rows[0]?.ending ?? [];
  }

  private async run(text: string, values: readonly unknown[], kind?: Kind): Promise<void> {
    await this.sql.query(text, values, kind);
  }
}

describe('fault 4: what a kill may leave half-way', () => {
  const real = BACKENDS.find((backend) => backend.real) as (typeof BACKENDS)[number];
  let node: TestNode & { readonly nats: NatsServer | undefined };
  let sql: NodeBooks;
  let shop: Shop;

  beforeAll(async () => {
    node = await real.open();
    shop = new Shop(node);
    sql = await NodeBooks.open(node.env);
  }, 60_000);

  afterAll(async () => {
    await sql.end();
    await node.remove();
  });

  /** While the node is down; the broker has lost its disk as well. */
  const whileDown = async (change: () => Promise<void>): Promise<void> => {
    await node.kill();
    const connection = await connect({ servers: node.nats?.url ?? '' });
    const manager = await connection.jetstreamManager();
    for (const stream of STREAMS) await manager.streams.delete(stream);
    await connection.close();
    await change();
    await node.restart();
  };

  it('ends: orders and payments', async () => {
    const planted = STATES.map((state, place) => ({ ...state, books: new Planter(sql, place + 1) }));
    await whileDown(async () => {
      for (const { plant, books } of planted) await plant(books);
    });
    await shop.booksAreClean(30_000);
    const endings: unknown[] = [];
    for (const { name, books } of planted) endings.push([name, await books.ending()]);
    expect(endings).toEqual(planted.map(({ name, ends }) => [name, [...ends]]));
    const opened = planted.find(({ name }) => name.startsWith('a payment opened'));
    const { orderId = '', payId } = opened?.books ?? {};
    const { userId = '' } = DEMO_COUPONS[STATES.findIndex(({ name }) => name === opened?.name) + 1] ?? {};
    expect(await shop.openPayment(orderId, userId)).toBe(payId);
  });

  it('ends though the broker has lost its event while every node stayed connected', async () => {
    const [paid, cancelled] = [1, 2].map((place) => new Planter(sql, STATES.length + place));
    await paid?.confirmed();
    await paid?.bookPayment(true);
    await cancelled?.confirmed();
    await cancelled?.cancel(true);
    // Neither was ever published.
    await sql.everywhere(`update trade_mq_producer_temp set sent_time = now() - interval '10 minutes'`);
    await shop.booksAreClean(20_000);
    expect([await paid?.ending(), await cancelled?.ending()]).toEqual([
      [1, 2, 0],
      [2, 0, 2],
    ]);
  });

  it.each(['refund due', 'requested'])('ends: a transaction that is %s', async (state) => {
    const orderId = await shop.confirmedOrder([PHONE]);
    const payId = await shop.openPayment(orderId);
    await shop.pay(payId, 'again');
    const refunded = async () =>
      (
        await sql.query<{ id: string }>(
          `select transaction_id as id from trade_pay_transaction where pay_id = $1 and state = 'refunded'`,
          [payId],
        )
      ).rows[0]?.id;
    await until('the second payment to be sent back', async () => (await refunded()) !== undefined);
    await shop.booksAreClean();
    const transactionId = await refunded();

    await whileDown(async () => {
      await sql.query(
        'update trade_pay_transaction set state = $2, refund_time = null where transaction_id = $1',
        [transactionId, state],
      );
      await sql.query(`update trade_pay set version = version + 1 where pay_id = $1`, [payId]);
      await sql.everywhere('delete from trade_mq_consumer_log where msg_key = $1', [transactionId]);
      const body = { payId, transactionId };
      const books = new Planter(sql, 0);
      await books.event('payTopic', 'pay_refund', String(transactionId), body, state === 'requested');
      forgetRefund(node, String(transactionId));
    });
    await until('the refund to be finished', async () => (await refunded()) === transactionId, 20_000);
    await shop.booksAreClean();
    expect(platformJournal(node)).toContainEqual({
      type: 'refunded',
      transactionId,
      amount: PHONE.goodsPrice,
    });
  });
});

const journalPath = (node: TestNode): string => join(sandboxFolder(node.dataDir), 'ledger.jsonl');

const platformJournal = (node: TestNode): { type: string; transactionId?: string }[] =>
  readFileSync(journalPath(node), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { type: string; transactionId?: string });

/** The platform was never asked to send this money back. */
function forgetRefund(node: TestNode, transactionId: string): void {
  const kept = platformJournal(node).filter(
    (entry) => entry.type !== 'refunded' || entry.transactionId !== transactionId,
  );
  writeFileSync(journalPath(node), kept.map((entry) => `${JSON.stringify(entry)}\n`).join(''));
}
