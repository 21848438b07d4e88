import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DataSource } from 'typeorm';
import { openDataSource } from '../../persistence/data-source';
import { openEmbedded } from '../../persistence/embedded';
import { migrate } from '../../persistence/migrate';
import { MIGRATIONS } from '../../persistence/migrations';
import { freshDatabase } from '../helpers/servers';

/** TypeORM's own tools need a connection of their own, which a database in use has not to spare at one. */
const open = {
  PostgreSQL: async () => {
    const fresh = await freshDatabase();
    return { connection: { url: fresh.url }, drop: () => fresh.drop() };
  },
  PGlite: async () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'test-data-'));
    const embedded = await openEmbedded(dataDir, () => undefined);
    const drop = async (): Promise<void> => {
      await embedded.close();
      rmSync(dataDir, { recursive: true });
    };
    return { connection: embedded.connection, drop };
  },
};

describe.each(['PostgreSQL', 'PGlite'] as const)('the tables on %s, with one connection', (name) => {
  let dataSource: DataSource;
  let drop: () => Promise<void>;
  beforeAll(async () => {
    const { connection, ...opened } = await open[name]();
    drop = opened.drop;
    dataSource = await openDataSource({
      connection,
      poolSize: 1,
      applicationName: 'test',
      onIdleFault: () => undefined,
    });
  }, 60_000);
  afterAll(async () => {
    await dataSource.destroy();
    await drop();
  });

  test('are made once', async () => {
    expect(await migrate({ dataSource })).toEqual(MIGRATIONS.map(({ name }) => name));
    expect(await migrate({ dataSource })).toEqual([]);
  });

  test('are what TypeORM believes them to be', async () => {
    const difference = await dataSource.driver.createSchemaBuilder().log();
    expect(difference.upQueries.map((query) => query.query)).toEqual([]);
  });

  test('give ids and money as text, and times as dates', async () => {
    await dataSource.query(`insert into trade_order (order_id, user_id, goods_id, goods_number, goods_price,
        goods_amount, shipping_fee, order_amount, add_time)
      values (8999999999999999999, 1, 2, 3, '99999999.99', 1, 0, 1, '2026-01-02T03:04:05.678Z')`);
    const [order] = await dataSource.getRepository('trade_order').find();
    expect(order).toMatchObject({
      orderId: '8999999999999999999',
      goodsPrice: '99999999.99',
      goodsNumber: 3,
      addTime: new Date('2026-01-02T03:04:05.678Z'),
    });
  });
});
