import { audit, AUDIT_RULES } from '../../persistence/audit';
import { seedDemo } from '../../persistence/seed';
import { BOOK_FAULTS } from '../helpers/book-faults';
import { emptyBooks, runSql, writeBooks, type Readers } from '../helpers/books';
import { BOOKS, type TestBooks } from '../helpers/databases';

test('every rule has a fault that breaks it', () => {
  expect(new Set(BOOK_FAULTS.map(([rule]) => rule))).toEqual(new Set(AUDIT_RULES));
});

describe.each(BOOKS)('on $name', ({ open }) => {
  let books: TestBooks;
  let readers: Readers;
  beforeAll(async () => {
    books = await open();
    ({ readers } = books);
  }, 60_000);
  afterAll(() => books.drop());

  const brokenRules = async (adopt = false): Promise<readonly string[]> => {
    const { rules } = await audit(readers, { adopt });
    return rules.filter((finding) => finding.broken > 0).map((finding) => finding.rule);
  };

  test('books in good order are clean, and every rule is listed', async () => {
    await writeBooks(readers);
    const report = await audit(readers, { adopt: false });
    expect(report.rules.filter((finding) => finding.broken > 0)).toEqual([]);
    expect(report.clean).toBe(true);
    expect(report.rules.map((finding) => finding.rule)).toEqual(AUDIT_RULES);
  });

  test.each(BOOK_FAULTS)('%s: %s', async (rule, ...fault) => {
    await writeBooks(readers);
    for (const text of fault) await runSql(readers, text);
    const { clean, rules } = await audit(readers, { adopt: false });
    const finding = rules.find((one) => one.rule === rule);
    expect(finding?.broken).toBeGreaterThan(0);
    expect(finding?.examples).not.toEqual([]);
    expect(clean).toBe(false);
  });

  test('a refund that overtook the points is in order', async () => {
    await writeBooks(readers);
    await runSql(readers, 'update trade_user_score_log set score = 0 where pay_id = 502');
    expect(await brokenRules()).toEqual([]);
  });

  test('while a compensation runs, only that is reported', async () => {
    await writeBooks(readers);
    await runSql(readers, 'update trade_order set compensation_status = 1 where order_id = 102');
    await runSql(readers, 'delete from trade_coupon_log where order_id = 102 and log_type = 2');
    await runSql(readers, 'update trade_coupon set is_used = 1, order_id = 102 where coupon_id = 21');
    expect(await brokenRules()).toEqual(['no compensation is half-way']);
  });

  test('many broken rows are counted, some are shown', async () => {
    await emptyBooks(readers);
    const orphans = `insert into trade_goods_number_log (goods_id, order_id, goods_number)
      select 1, n, -1 from generate_series(1, 12345) n`;
    await runSql(readers, orphans);
    const { rules } = await audit(readers, { adopt: false });
    for (const rule of ['stock ledger rows belong to goods', 'stock ledger rows belong to order lines']) {
      const finding = rules.find((one) => one.rule === rule);
      expect(finding?.broken).toBe(12_345);
      expect(finding?.examples).toHaveLength(10);
    }
  });

  test('books of several pages are read to their end', async () => {
    await emptyBooks(readers);
    await runSql(readers, MANY_ORDERS);
    await runSql(
      readers,
      `insert into trade_goods (goods_id, goods_name, goods_number, goods_price) values (1, 'cup', 0, 200)`,
    );
    await runSql(
      readers,
      'insert into trade_goods_number_log (goods_id, order_id, goods_number, log_type) values (1, 0, 12000, 3)',
    );
    await runSql(
      readers,
      `insert into trade_goods_number_log (goods_id, order_id, goods_number)
      select 1, n, -1 from generate_series(1, 12000) n`,
    );
    expect(await brokenRules()).toEqual([]);
    await runSql(readers, 'update trade_order set goods_number = 2 where order_id = 11999');
    expect(await brokenRules()).toContain('a confirmed order holds its stock');
  });

  test('rows that plain SQL wrote are in order only where they are adopted', async () => {
    await writeBooks(readers);
    await runSql(readers, 'delete from trade_goods_number_log where log_type = 3');
    await runSql(readers, 'delete from trade_user_money_log where money_log_type = 3');
    await runSql(readers, 'delete from trade_user_score_log where log_type = 3');
    await runSql(readers, 'update trade_coupon set is_used = 1, order_id = 7 where coupon_id = 22');
    expect(await brokenRules()).toEqual([
      'stock is the sum of its ledger',
      'wallet money is the sum of its ledger',
      'score is the sum of its ledger',
      'coupons are used as their ledger says',
    ]);
    expect(await brokenRules(true)).toEqual([]);
    await runSql(
      readers,
      'update trade_goods_number_log set goods_number = 98 where order_id = 102 and log_type = 2',
    );
    await runSql(readers, 'update trade_goods set goods_number = 1 where goods_id = 2');
    expect(await brokenRules(true)).toContain('stock is the sum of its ledger');
  });

  test('seeding twice adds once, and the books are clean', async () => {
    await emptyBooks(readers);
    const first = await seedDemo(readers);
    expect(first.goods).toBeGreaterThan(30);
    expect(first.coupons).toBeGreaterThan(30);
    await runSql(readers, 'update trade_goods set goods_price = 1');
    expect(await seedDemo(readers)).toEqual({ goods: 0, users: 0, coupons: 0 });
    expect(await brokenRules()).toEqual([]);
    const prices = await readers.goods.query(
      { name: '', text: 'select distinct goods_price from trade_goods' },
      [],
    );
    expect(prices).toHaveLength(1);
  });
});

const MANY_ORDERS = `
  insert into trade_order (order_id, user_id, order_status, goods_id, goods_number, goods_price, goods_amount,
    shipping_fee, order_amount, pay_amount)
  select n, 10, 1, 1, 1, 200, 200, 0, 200, 200 from generate_series(1, 12000) n`;
