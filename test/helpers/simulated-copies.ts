// The rows of a database and of tables in memory, in one form: to compare them, and to copy the one into the other.
import type { Queryable } from '../../persistence/session';
import type { Table } from '../simulation/books/table';
import { ShopTables } from '../simulation/books/tables';
import type { Readers } from './books';
import { kindOf } from './kind-tables';

type Row = Readonly<Record<string, unknown>>;

/** Where the rows of each table are in memory. */
const MEMBERS = {
  trade_goods: 'goods',
  trade_goods_number_log: 'goodsLog',
  trade_coupon: 'coupons',
  trade_coupon_log: 'couponLog',
  trade_user: 'users',
  trade_user_money_log: 'moneyLog',
  trade_user_score_log: 'scoreLog',
  trade_order: 'orders',
  trade_order_goods: 'lines',
  trade_pay: 'payments',
  trade_pay_transaction: 'transactions',
  trade_pay_log: 'payLog',
  trade_mq_producer_temp: 'outbox',
  trade_mq_consumer_log: 'inbox',
} as const satisfies Readonly<Record<string, keyof ShopTables>>;

const NAMES = Object.keys(MEMBERS) as (keyof typeof MEMBERS)[];

const tableOf = (tables: ShopTables, name: keyof typeof MEMBERS): Table<Row> =>
  tables[MEMBERS[name]] as unknown as Table<Row>;

/** Copies a database into memory, whatever its rows say. */
export async function copyBooks(readers: Readers): Promise<ShopTables> {
  const tables = new ShopTables();
  for (const name of NAMES) {
    for (const row of await readTable(readers[kindOf(name)], name)) tableOf(tables, name).restore(row);
  }
  return tables;
}

/** Copies tables in memory into an empty database. */
export async function insertAll(database: Queryable, tables: ShopTables): Promise<void> {
  for (const name of NAMES) {
    const rows = [...tableOf(tables, name)];
    if (rows.length === 0) continue;
    const columns = Object.keys(rows[0] ?? {}).join(', ');
    const text = `insert into ${name} (${columns}) select ${columns} from json_populate_recordset(null::${name}, $1)`;
    await database.query({ name: '', text }, [JSON.stringify(rows)]);
  }
}

/** Every row of a database as a text, by table. The numbers of the outbox's rows are left out. */
export const dumpDatabase = async (database: Queryable): Promise<Readonly<Record<string, string[]>>> =>
  dump(await Promise.all(NAMES.map(async (name) => [name, await readTable(database, name)] as const)));

/** The same of tables in memory. */
export const dumpTables = (tables: ShopTables): Readonly<Record<string, string[]>> =>
  dump(NAMES.map((name) => [name, [...tableOf(tables, name)]] as const));

const dump = (
  tables: readonly (readonly [name: string, rows: readonly Row[]])[],
): Readonly<Record<string, string[]>> =>
  Object.fromEntries(tables.map(([name, rows]) => [name, rows.map((row) => textOf(name, row)).sort()]));

function textOf(name: string, row: Row): string {
  const columns = Object.keys(row).filter(
    (column) => !(name === 'trade_mq_producer_temp' && column === 'id'),
  );
  return columns
    .sort()
    .map((column) => `${column}=${String(row[column])}`)
    .join(' ');
}

async function readTable(database: Queryable, name: string): Promise<readonly Row[]> {
  const rows = await database.query<Row>({ name: `copy-${name}`, text: `select * from ${name}` }, []);
  // A password is the bridge's alone, and no store reads it.
  return rows.map(({ user_password: _password, ...row }) =>
    Object.fromEntries(Object.entries(row).map(([column, value]) => [column, plain(column, value)])),
  );
}

const plain = (column: string, value: unknown): unknown => {
  if (value instanceof Date) return value.toISOString();
  return column === 'id' ? Number(value) : value;
};
