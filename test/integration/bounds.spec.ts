// A wall of load bends, it does not break (promise 7): who finds no place is told so at once, at every door, and what
// waits for a broker that is away waits in the database.
import { connect, type NatsConnection } from 'nats';
import { Client } from 'pg';
import { CODES } from '../../actors/domain/codes';
import { metric } from '../helpers/metrics';
import { startTestNode, type TestNode } from '../helpers/node';
import { freshDatabase, startNats, type FreshDatabase, type NatsServer } from '../helpers/servers';
import { expectRefused, PHONE, Shop } from '../helpers/shop';
import { until } from '../helpers/until';

jest.setTimeout(90_000);

const BUSY = CODES.SHOP_BUSY.code;

describe('over PostgreSQL and NATS', () => {
  let database: FreshDatabase;
  let nats: NatsServer;
  let node: TestNode;
  let shop: Shop;
  beforeAll(async () => {
    [database, nats] = await Promise.all([freshDatabase(), startNats()]);
    node = await startTestNode({ DATABASE_URL: database.url, NATS_URL: nats.url, MAX_IN_FLIGHT: '4' });
    shop = new Shop(node);
  }, 90_000);
  afterAll(async () => {
    await node.remove();
    await Promise.allSettled([database.drop(), nats.stop()]);
  });

  describe('the front door', () => {
    let client: NatsConnection;
    beforeAll(async () => {
      client = await connect({ servers: nats.url });
    });
    afterAll(() => client.close());

    const find = async (): Promise<{ success: boolean; code: number; data: unknown }> => {
      const body = JSON.stringify({ goodsId: PHONE.goodsId });
      const reply = await client.request('trade.goods.find', body, { timeout: 10_000 });
      return reply.json();
    };

    it('answers everyone over NATS, and says SHOP_BUSY where there is no place', async () => {
      const replies = await Promise.all(Array.from({ length: 500 }, find));
      for (const { success, code } of replies)
        expect([CODES.SHOP_SUCCESS.code, BUSY]).toContain(success ? 1 : code);
      const busy = replies.filter(({ code }) => code === BUSY);
      expect(busy.length).toBeGreaterThan(0);
      expect(busy[0]).toMatchObject({ success: false, data: null });
      expect(replies.length - busy.length).toBeGreaterThanOrEqual(4);
      expect(await metric(node.url, 'trade_busy_total', { place: 'nats' })).toBe(busy.length);
      expect((await find()).success).toBe(true);
    });

    it('says the same over HTTP, with Retry-After', async () => {
      const replies = await Promise.all(Array.from({ length: 300 }, () => shop.goods(PHONE.goodsId)));
      const busy = replies.filter(({ success }) => !success);
      expect(busy.length).toBeGreaterThan(0);
      for (const reply of busy) {
        expectRefused(reply, 'SHOP_BUSY');
        expect(reply.headers.get('retry-after')).toBe('1');
      }
      expect(await metric(node.url, 'trade_busy_total', { place: 'http' })).toBe(busy.length);
      expect((await shop.goods(PHONE.goodsId)).success).toBe(true);
    });

    it('has one bound for both', async () => {
      let isOver = false;
      let requestKey = 0;
      // Each keeps its place until it is committed.
      const restock = () => {
        requestKey += 1;
        const body = JSON.stringify({ goodsId: PHONE.goodsId, requestKey: `${requestKey}`, goodsNumber: 1 });
        return client.request('trade.goods.restock', body, { timeout: 10_000 });
      };
      const flood = async (): Promise<void> => {
        while (!isOver) await restock();
      };
      const flooding = Array.from({ length: 50 }, flood);
      await until(
        'somebody at HTTP to find no place, because of those at NATS',
        async () => (await shop.goods(PHONE.goodsId)).code === BUSY,
      );
      isOver = true;
      await Promise.all(flooding);
      expect(await metric(node.url, 'trade_nats_in_flight')).toBe(0);
    });

    it('does not read over NATS what is too large for HTTP', async () => {
      const reply = await client.request('trade.goods.find', JSON.stringify({ goodsId: 'x'.repeat(70_000) }));
      expect(reply.json()).toMatchObject({ success: false, code: CODES.SHOP_TOO_LARGE.code });
    });
  });

  describe('the relay', () => {
    const ROWS = 12_000;
    const sql = async (text: string): Promise<void> => {
      const client = new Client({ connectionString: database.url });
      await client.connect();
      await client.query(text).finally(() => client.end());
    };
    const unsent = (): Promise<number> => metric(node.url, 'trade_outbox_unsent');

    it('holds nothing while the broker is away, and sends everything once it is back', async () => {
      nats.kill();
      await until('the node to see it', async () => (await metric(node.url, 'trade_broker_connected')) === 0);
      await sql(`insert into trade_mq_producer_temp (group_name, msg_topic, msg_tag, msg_key, msg_body, create_time)
        select 'a test', 'orderTopic', 'order_confirm', n::text, '{}', now() - interval '1 minute'
        from generate_series(1, ${ROWS}) n`);
      expect(await unsent()).toBe(ROWS);
      expect(await metric(node.url, 'trade_outbox_oldest_unsent_seconds')).toBeGreaterThan(50);
      expect(await metric(node.url, 'trade_events_under_way')).toBe(0);
      nats = await startNats({ port: nats.port, storeDir: nats.storeDir });
      await until('all of them to be sent', async () => (await unsent()) === 0, 60_000);
      const client = await connect({ servers: nats.url });
      const manager = await client.jetstreamManager();
      expect((await manager.streams.info('orderTopic')).state.messages).toBe(ROWS);
      await client.close();
      expect(await metric(node.url, 'trade_broker_reconnects_total')).toBe(1);
    });
  });
});
