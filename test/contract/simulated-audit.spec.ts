// The audit in memory finds what the database's audit finds, in books in good order and for every fault in them.
import { audit } from '../../persistence/audit';
import { BOOK_FAULTS } from '../helpers/book-faults';
import { emptyBooks, runSql, writeBooks, type Readers } from '../helpers/books';
import { BOOKS, type TestBooks } from '../helpers/databases';
import { copyBooks } from '../helpers/simulated-copies';
import { auditTables, brokenRules } from '../simulation/books/audit';
import { ShopTables } from '../simulation/books/tables';
import { money } from '../../actors/domain/money';

let books: TestBooks;
let readers: Readers;
beforeAll(async () => {
  books = await BOOKS.find(({ name }) => name === 'PostgreSQL')!.open();
  ({ readers } = books);
});
afterAll(() => books.drop());

/** How often the database says that each rule is broken, and how often the audit in memory does. */
async function bothAudits() {
  const { rules } = await audit(readers, { adopt: false });
  const broken = rules.filter((finding) => finding.broken > 0);
  const found = auditTables(await copyBooks(readers));
  return {
    database: Object.fromEntries(broken.map((finding) => [finding.rule, finding.broken])),
    memory: Object.fromEntries([...found].map(([rule, examples]) => [rule, examples.length])),
  };
}

test('books in good order are clean', async () => {
  await writeBooks(readers);
  expect(await bothAudits()).toEqual({ database: {}, memory: {} });
});

test.each(BOOK_FAULTS)('%s: %s', async (rule, ...fault) => {
  await writeBooks(readers);
  for (const text of fault) await runSql(readers, text);
  const { database, memory } = await bothAudits();
  expect(memory[rule]).toBeGreaterThan(0);
  expect(memory).toEqual(database);
});

test('no books have no fault', async () => {
  await emptyBooks(readers);
  expect(await bothAudits()).toEqual({ database: {}, memory: {} });
});

test('a shop is opened with its ledgers, and a broken rule says what breaks it', () => {
  const tables = new ShopTables({
    goods: [{ goodsId: '1', price: money('2.50'), stock: 3 }],
    users: [{ userId: '10', money: money('5.00'), score: 7 }],
    coupons: [{ couponId: '20', userId: '10', price: money('1.00') }],
  });
  expect(brokenRules(tables)).toEqual([]);
  tables.goods.replace({ ...tables.goods.get('1')!, goods_number: 2 });
  expect(brokenRules(tables)).toEqual(['stock is the sum of its ledger: 1']);
});
