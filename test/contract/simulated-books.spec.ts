// The database in memory is as the real one: whatever is written, repeated, stale, late, refused or unknown, both
// give the same fates and refusals, hold the same rows and load the same states. BOOKS_RUNS: how many runs.
import fc from 'fast-check';
import { KINDS } from '../../actors/domain/envelope';
import { money } from '../../actors/domain/money';
import { audit } from '../../persistence/audit';
import type { Queryable } from '../../persistence/session';
import { emptyTables } from '../helpers/books';
import { DATABASES, type TestDatabase } from '../helpers/databases';
import { dumpDatabase, dumpTables, insertAll } from '../helpers/simulated-copies';
import { auditTables } from '../simulation/books/audit';
import { simulatedQueryable } from '../simulation/books/simulated-queryable';
import { ShopTables } from '../simulation/books/tables';
import { Run } from './simulated-books/run';
import { Side } from './simulated-books/side';
import { runs } from './simulated-books/steps';

const RUNS = Number(process.env['BOOKS_RUNS'] ?? 40);

let database: TestDatabase;
beforeAll(async () => {
  database = await DATABASES.find(({ name }) => name === 'PostgreSQL')!.open();
});
afterAll(() => database.drop());

const openShop = (): ShopTables =>
  new ShopTables({
    goods: ['1', '2'].map((goodsId) => ({ goodsId, price: money('1.00'), stock: 5 })),
    users: ['11', '12'].map((userId) => ({ userId, money: money('6.00'), score: 3 })),
    coupons: ['21', '22'].map((couponId) => ({ couponId, userId: '11', price: money('1.00') })),
  });

/** In the database as it is. */
const realIds = async (reader: Queryable): Promise<readonly string[]> => {
  const text = 'select id from trade_mq_producer_temp order by id';
  return (await reader.query<{ id: string }>({ name: 'outbox-ids', text }, [])).map(({ id }) => id);
};

async function auditDatabase(reader: Queryable): Promise<Readonly<Record<string, number>>> {
  const readers = Object.fromEntries(KINDS.map((kind) => [kind, reader])) as never;
  const { rules } = await audit(readers, { adopt: false });
  return Object.fromEntries(
    rules.filter(({ broken }) => broken > 0).map(({ rule, broken }) => [rule, broken]),
  );
}

test(
  'whatever is written, both say and hold the same',
  async () => {
    const { reader } = database;
    await fc.assert(
      fc.asyncProperty(runs, fc.boolean(), async (steps, redrivesAll) => {
        const tables = openShop();
        await emptyTables(reader);
        await insertAll(reader, tables);
        const memory = simulatedQueryable(tables, (work) => new Promise((resolve) => resolve(work())));
        const real = new Side(reader, () => realIds(reader));
        const simulated = new Side(memory, () =>
          Promise.resolve([...tables.outbox].map(({ id }) => String(id))),
        );
        await new Run(real, simulated).play(steps, redrivesAll);
        expect(dumpTables(tables)).toEqual(await dumpDatabase(reader));
        const found = [...auditTables(tables)].map(([rule, examples]) => [rule, examples.length] as const);
        expect(Object.fromEntries(found)).toEqual(await auditDatabase(reader));
      }),
      { numRuns: RUNS },
    );
  },
  60_000 + RUNS * 1_000,
);
