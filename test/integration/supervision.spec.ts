// What is tried again is seen by who looks: how often, when next, and how it ended. A give-back that failed three times
// is a state of the order, and however many re-drive it at once, it is given back once (promise 3).
import { trade } from '../helpers/cli';
import { metric } from '../helpers/metrics';
import { BACKENDS, type TestNode } from '../helpers/node';
import { NodeBooks } from '../helpers/node-books';
import { expectRefused, must, PHONE, rows, Shop, USER, type Data } from '../helpers/shop';
import { until } from '../helpers/until';

jest.setTimeout(90_000);

const GROUP = 'order_orderTopic_cancel_user_group';

describe.each(BACKENDS.filter(({ real }) => real))('supervision over $name', ({ open }) => {
  let node: TestNode;
  let shop: Shop;
  beforeAll(async () => {
    node = await open();
    shop = new Shop(node);
  }, 90_000);
  afterAll(() => node.remove());

  /** Where the wallets are, and what their group has consumed. */
  async function sql(text: string): Promise<void> {
    const books = await NodeBooks.open(node.env);
    await books.query(text, [], 'wallet').finally(() => books.end());
  }
  /** The wallet refuses to take the money of one user back. */
  const obstruct = (): Promise<void> =>
    sql(`create function refuse_it() returns trigger language plpgsql as $$ begin raise exception 'no more money'; end $$;
      create trigger obstacle before insert on trade_user_money_log for each row
      when (new.money_log_type = 2 and new.user_id = ${USER}) execute function refuse_it()`);
  const clear = (): Promise<void> =>
    sql('drop trigger obstacle on trade_user_money_log; drop function refuse_it()');

  const list = async (path: string): Promise<readonly Data[]> =>
    must(await shop.admin('GET', path)).data as unknown as readonly Data[];
  const compensation = async (orderId: string): Promise<unknown> =>
    (await shop.findOrder(orderId)).data['compensationStatus'];
  const failedOrder = async (): Promise<string> => {
    const orderId = await shop.confirmedOrder([PHONE], { moneyPaid: '7.00' });
    must(await shop.cancelOrder(orderId));
    return orderId;
  };
  const givenBack = async (orderId: string): Promise<number> =>
    rows(await shop.orderBooks(orderId), 'moneyLog').filter((row) => row['moneyLogType'] === 2).length;
  const redrive = async (which: object): Promise<number> => {
    const reply = await shop.admin('POST', '/dead-letters/redrive', which);
    return Number(reply.data['redriven'] ?? 0);
  };

  let orderId: string;
  let balance: unknown;

  it('an attempt that failed is listed with when it is tried again', async () => {
    balance = await shop.balance();
    await obstruct();
    orderId = await failedOrder();
    let seen: { retried: Data | undefined; stuck: Data | undefined } | undefined;
    await until('it to be tried again', async () => {
      const [[retried], [stuck]] = [await list('/dead-letters/retrying'), await list('/orders/stuck')];
      seen = { retried, stuck };
      // An attempt is counted when it begins; why it failed is there when it has ended.
      return retried?.['remark'] !== '' && (retried?.['attempts'] === 1 || retried?.['attempts'] === 2);
    });
    const { retried, stuck } = seen ?? {};
    expect(retried).toMatchObject({ group: GROUP, key: orderId, remark: 'no more money' });
    expect(Date.parse(String(retried?.['nextTime']))).toBeGreaterThan(Date.parse(String(retried?.['time'])));
    expect(stuck).toMatchObject({ orderId, state: 'compensation running', why: 'SHOP_ORDER_CANCELLED' });
  });

  it('the command line lists what is tried again', async () => {
    await sql(`insert into trade_mq_consumer_log
        (msg_id, group_name, msg_tag, msg_key, consumer_status, consumer_times, remark)
      values ('m', '${GROUP}', 'order_cancel', '1', 2, 1, 'not now')`);
    const table = await trade(node, 'dead-letters', 'retrying');
    for (const word of [GROUP, 'not now', 'nextTime', 'age']) expect(table).toContain(word);
    await sql(`delete from trade_mq_consumer_log where msg_key = '1'`);
  });

  it('a give-back that failed three times is a state of the order', async () => {
    await until('the order to say so', async () => (await compensation(orderId)) === 3, 30_000);
    const stuck = await list('/orders/stuck?compensation=failed');
    expect(stuck).toMatchObject([
      {
        orderId,
        state: 'compensation failed',
        why: 'SHOP_ORDER_CANCELLED',
        compensationStatus: 3,
        gaveUp: [{ group: GROUP, key: orderId, attempts: 3, remark: 'no more money' }],
        retrying: [],
      },
    ]);
    expect(await list('/orders/stuck?compensation=running')).toEqual([]);
    expect(JSON.parse(await trade(node, 'orders', 'stuck', '--compensation', 'failed', '--json'))).toEqual(
      stuck,
    );
    const table = await trade(node, 'orders', 'stuck');
    for (const word of ['compensation failed', 'gave up', GROUP, 'no more money'])
      expect(table).toContain(word);
    expect(JSON.parse(await trade(node, 'dead-letters', 'list', '--json'))).toMatchObject([{ key: orderId }]);
  });

  it('every attempt is counted, and what stands is measured', async () => {
    const count = (name: string, labels = {}) => metric(node.url, name, labels);
    for (const attempt of ['1', '2']) {
      expect(await count('trade_event_outcomes_total', { group: GROUP, outcome: 'failed', attempt })).toBe(1);
    }
    expect(await count('trade_event_outcomes_total', { group: GROUP, outcome: 'parked', attempt: '3' })).toBe(
      1,
    );
    expect(await count('trade_compensations_total', { outcome: 'begun' })).toBe(1);
    expect(await count('trade_compensations_total', { outcome: 'failed' })).toBe(1);
    expect(await count('trade_stuck_orders', { state: 'compensation failed' })).toBe(1);
    expect(await count('trade_dead_letters')).toBe(1);
    expect(await count('trade_commits_total', { kind: 'wallet', outcome: 'refused' })).toBeGreaterThanOrEqual(
      3,
    );
    expect(await count('trade_commands_total', { kind: 'wallet', outcome: 'fault' })).toBe(3);
    expect(await count('trade_saga_rounds_total', { attempt: '1', outcome: 'confirmed' })).toBe(1);
    expect(await count('trade_orders_ended_total', { code: 'SHOP_ORDER_CANCELLED' })).toBe(1);
    expect(await count('trade_event_publishes_total', { outcome: 'ok' })).toBeGreaterThanOrEqual(1);
    expect(await count('trade_outbox_oldest_unsent_seconds')).toBe(0);
  });

  it('re-driving what is being tried does nothing, nor does re-driving what has succeeded by itself', async () => {
    expect(await redrive({ key: orderId })).toBe(1);
    const again = { group: GROUP, tag: 'order_cancel', key: orderId };
    expectRefused(await shop.admin('POST', '/dead-letters/redrive', again), 'SHOP_MQ_DEAD_LETTER_NO_EXIST');
    await until('it to fail once more', async () =>
      (await list('/dead-letters/retrying')).some(({ attempts }) => Number(attempts) > 0),
    );
    await clear();
    expect(await redrive({})).toBe(0);
    await until('the order to be done', async () => (await compensation(orderId)) === 2, 30_000);
    expect(await redrive({ key: orderId })).toBe(0);
    expect(await redrive({})).toBe(0);
    expect([await givenBack(orderId), await shop.balance()]).toEqual([1, balance]);
    expect(await metric(node.url, 'trade_redriven_total')).toBe(1);
    await shop.booksAreClean();
  });

  it('however many re-drive the same at once, here and elsewhere, it is given back once', async () => {
    await obstruct();
    const orderIds = await Promise.all([failedOrder(), failedOrder(), failedOrder()]);
    await until('all to be given up', async () => (await shop.deadLetters()).length === 3, 30_000);
    await clear();
    const elsewhere = async (): Promise<number> => {
      const printed = await trade(node, 'dead-letters', 'redrive', '--all', '--json');
      return (JSON.parse(printed) as { redriven: number }).redriven;
    };
    const counts = await Promise.all([
      elsewhere(),
      elsewhere(),
      ...orderIds.map((key) => redrive({ key })),
      ...[1, 2, 3].map(() => redrive({})),
    ]);
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(3);
    for (const id of orderIds) {
      await until('the order to be done', async () => (await compensation(id)) === 2, 30_000);
      expect(await givenBack(id)).toBe(1);
      expect(rows(await shop.orderBooks(id), 'inbox').map((row) => row['consumerStatus'])).toEqual([
        1, 1, 1, 1,
      ]);
    }
    await until('the outbox to be empty', async () => {
      const { sent, unsent } = must(await shop.admin('GET', '/outbox')).data;
      return Number(sent) + Number(unsent) === 0;
    });
    expect(await shop.balance()).toBe(balance);
    expect(await list('/orders/stuck')).toEqual([]);
    await shop.booksAreClean();
  });
});
