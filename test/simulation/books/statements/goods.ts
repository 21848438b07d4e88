// The statements of persistence/stores/goods-statements.ts.
import type { Instant } from '../../../../actors/domain/envelope';
import type { Money } from '../../../../actors/domain/money';
import { amount, batch, int, text, textOrNull } from '../batch';
import { LogType, type GoodsRow } from '../rows';
import { keyOf, type ShopTables } from '../tables';
import { claimRow } from './claimed';
import { writeClaims } from './inbox-claims';
import { isDone, unexpected, type Outcome } from './outcome';
import type { Statements } from './statement';

const ASKED = batch({ goods_id: text, record_key: textOrNull });
export const TAKES = batch({ goods_id: text, order_id: text, quantity: int, entry: int });
const GIVEN = batch({ goods_id: text, order_id: text, quantity: int, entry: int, log_type: int });
const PRICES = batch({ goods_id: text, price: amount, entry: int });
const CREATED = batch({
  goods_id: text,
  goods_name: text,
  goods_number: int,
  goods_price: amount,
  goods_desc: text,
  add_time: text,
});
const ENTRIES = batch({ entry: int });

const [RETURNED_FROM, PRICES_FROM, TIME, CREATED_FROM, OPENINGS_FROM, CLAIMS_FROM] = [6, 10, 13, 14, 20, 21];

function load({ goods, goodsLog }: ShopTables, values: readonly unknown[]): readonly object[] {
  return ASKED.rows(values, 1).map(({ goods_id: goodsId, record_key: key }) => {
    const logged = (type: number) => (key === null ? undefined : goodsLog.get(keyOf(key, goodsId, type)));
    const taken = logged(LogType.take);
    return {
      ...(goods.get(goodsId) ?? { goods_id: null }),
      taken: taken ? 0 - taken.goods_number : null,
      given_back: logged(LogType.giveBack) !== undefined,
      restocked: logged(LogType.opening)?.goods_number ?? null,
    };
  });
}

const takeStock = (tables: ShopTables, values: readonly unknown[]): readonly object[] =>
  takeGiven(tables, TAKES.rows(values, 1), values[4] as Instant);

export function takeGiven(
  tables: ShopTables,
  given: readonly ReturnType<typeof TAKES.rows>[number][],
  at: Instant,
): readonly object[] {
  const held = tables.goods.pick(given.map((row) => row.goods_id));
  const changes: Change[] = [];
  const outcomes = given.map((take): Outcome => {
    const done = held.has(take.goods_id) && log(tables, { ...take, log_type: LogType.take }, at, changes);
    return { entry: take.entry, done };
  });
  return [...move(tables, held, changes), ...unexpected(outcomes)];
}

function changeGoods(tables: ShopTables, values: readonly unknown[]): readonly object[] {
  const given = GIVEN.rows(values, 1);
  const returned = TAKES.rows(values, RETURNED_FROM);
  const priced = PRICES.rows(values, PRICES_FROM);
  const openings = ENTRIES.rows(values, OPENINGS_FROM);
  const at = values[TIME - 1] as Instant;
  const held = tables.goods.pick([...given, ...returned, ...priced].map((row) => row.goods_id));
  const outcomes: Outcome[] = [];
  const changes: Change[] = [];
  const created: GoodsRow[] = [];
  const added = new Set<string>();
  CREATED.rows(values, CREATED_FROM).forEach((fresh, place) => {
    const done = tables.goods.insertOrSkip(fresh);
    outcomes.push({ entry: openings[place]?.entry ?? NaN, done });
    if (!done) return;
    created.push(fresh);
    const opening = { goods_id: fresh.goods_id, order_id: '0', log_type: LogType.opening, log_time: at };
    const isNew = tables.goodsLog.insertOrSkip({ ...opening, goods_number: fresh.goods_number });
    if (isNew) added.add(logKeyOf(opening));
  });
  for (const change of given) {
    if (held.has(change.goods_id) && log(tables, change, at, changes)) added.add(logKeyOf(change));
    // By the key, as the statement says it: a restocking 0 of goods that are new in it meets their opening.
    outcomes.push({ entry: change.entry, done: added.has(logKeyOf(change)) });
  }
  const claimed = new Set<string>();
  for (const { goods_id: goodsId, order_id: orderId, quantity, entry } of returned) {
    const row = { goods_id: goodsId, order_id: orderId, log_time: at };
    const key = keyOf(orderId, goodsId, LogType.take);
    const tombstone = { ...row, log_type: LogType.take, goods_number: 0 };
    const number = 0 - claimRow(tables.goodsLog, key, claimed, tombstone).goods_number;
    const back = { ...row, log_type: LogType.giveBack, goods_number: number };
    const done = tables.goodsLog.insertOrSkip(back);
    if (done) changes.push(back);
    outcomes.push({ entry, done, differs: number !== quantity });
  }
  for (const { goods_id: goodsId, price } of priced)
    changes.push({ goods_id: goodsId, goods_number: 0, price });
  const moved = move(tables, held, changes);
  for (const { goods_id: goodsId, entry } of priced) outcomes.push({ entry, done: held.has(goodsId) });
  const isEffective = isDone(outcomes);
  writeClaims(tables, values, CLAIMS_FROM, at, (effect) => isEffective(Number(effect)));
  return [...moved, ...created.map(figuresOf), ...unexpected(outcomes)];
}

interface Change {
  readonly goods_id: string;
  readonly goods_number: number;
  readonly price?: Money;
}

/** Rows as they were before the statement. */
type Held = ReadonlyMap<string, GoodsRow>;

const logKeyOf = (row: { order_id: string; goods_id: string; log_type: number }): string =>
  keyOf(row.order_id, row.goods_id, row.log_type);

/** Logs a take or a restocking. @returns whether it is new */
function log(
  { goodsLog }: ShopTables,
  given: { goods_id: string; order_id: string; quantity: number; log_type: number },
  at: Instant,
  changes: Change[],
): boolean {
  const { quantity, goods_id, order_id, log_type } = given;
  const number = log_type === LogType.take ? 0 - quantity : quantity;
  const row = { goods_id, order_id, log_type, goods_number: number, log_time: at };
  const isNew = goodsLog.insertOrSkip(row);
  if (isNew) changes.push(row);
  return isNew;
}

/** Updates each of the goods once, by the sum of its changes (R5). @returns their figures */
function move({ goods }: ShopTables, held: Held, changes: readonly Change[]): readonly object[] {
  const sums = new Map<string, Change>();
  for (const change of changes) {
    const { goods_number: number = 0, price } = sums.get(change.goods_id) ?? {};
    const sum = { ...change, goods_number: number + change.goods_number };
    sums.set(change.goods_id, price === undefined ? sum : { ...sum, price });
  }
  const figures: object[] = [];
  for (const [goodsId, change] of sums) {
    const row = held.get(goodsId);
    if (!row) continue;
    const number = row.goods_number + change.goods_number;
    const moved = { ...row, goods_number: number, goods_price: change.price ?? row.goods_price };
    goods.replace(moved);
    figures.push(figuresOf(moved));
  }
  return figures;
}

const figuresOf = (goods: GoodsRow): object => ({
  id: goods.goods_id,
  stock: goods.goods_number,
  price: goods.goods_price,
  entry: null,
  done: null,
});

export const GOODS: Statements = {
  'goods-load': load,
  'goods-take': takeStock,
  'goods-change': changeGoods,
};
