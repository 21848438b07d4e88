// Goods in the database: the ledger is the key of every take and give-back, and the stock its sum (R2, R5).
import type { Goods, GoodsFact, GoodsRecord } from '../../actors/domain/goods';
import type { GoodsId } from '../../actors/domain/ids';
import type { Money } from '../../actors/domain/money';
import type { Loaded, Store, StoreEntry } from '../../actors/domain/ports/store';
import { PlainColumns } from './batch-columns';
import type { FlushRow } from './fates';
import { CHANGE_GOODS, createdArrays, LOAD_GOODS, TAKE_STOCK } from './goods-statements';
import { claimArrays } from './inbox-claims';
import { idsAndKeys, ledgerStore, type LedgerStoreParts } from './ledger-store';

type Entry = StoreEntry<Goods, GoodsFact>;

interface GoodsRow {
  readonly goods_id: string | null;
  readonly goods_name: string;
  readonly goods_desc: string;
  readonly goods_number: number;
  readonly goods_price: string;
  readonly add_time: string;
  readonly taken: number | null;
  readonly given_back: boolean | null;
  readonly restocked: number | null;
}

export interface GoodsFigures extends FlushRow {
  readonly stock: number;
  readonly price: string;
}

/** The store of the goods actors. */
export const createGoodsStore = (parts: LedgerStoreParts): Store<Goods, GoodsFact, GoodsRecord> =>
  ledgerStore<Goods, GoodsFact, GoodsRecord, GoodsRow, GoodsFigures>(parts, {
    load: (requests) => ({ statement: LOAD_GOODS, values: idsAndKeys(requests) }),
    loaded: loadedOf,
    flush: (entries, now) =>
      entries.every(isOnlyTakes)
        ? { statement: TAKE_STOCK, values: [...stockTaken(entries), now] }
        : { statement: CHANGE_GOODS, values: changesOf(entries, now) },
    agrees: agreesWithGoods,
    keyOf,
  });

/** Whether goods are held as they are believed to be. */
export const agreesWithGoods = (figures: GoodsFigures, after: Goods): boolean =>
  figures.stock === after.stock && figures.price === after.price;

function loadedOf(row: GoodsRow): Loaded<Goods, GoodsRecord> {
  const state = row.goods_id === null ? undefined : goodsOf(row, row.goods_id as GoodsId);
  const recorded: GoodsRecord = {
    ...(row.taken === null ? {} : { taken: row.taken }),
    ...(row.given_back === true ? { givenBack: true } : {}),
    ...(row.restocked === null ? {} : { restocked: row.restocked }),
  };
  return { state, recorded: Object.keys(recorded).length === 0 ? undefined : recorded };
}

const goodsOf = (row: GoodsRow, goodsId: GoodsId): Goods => ({
  goodsId,
  name: row.goods_name,
  description: row.goods_desc,
  price: row.goods_price as Money,
  stock: row.goods_number,
  addTime: row.add_time,
});

const isOnlyTakes = (entry: Entry): boolean =>
  entry.inbox === undefined && entry.facts.every((fact) => fact.type === 'StockTaken');

/** The parameters of `takeStock`. @param entries take and do nothing else */
export function stockTaken(entries: readonly Entry[]): string[] {
  const takes = new PlainColumns(4);
  entries.forEach(({ id, facts }, place) => {
    for (const fact of facts)
      if (fact.type === 'StockTaken') takes.add(id, fact.orderId, fact.quantity, place);
  });
  return takes.arrays();
}

function changesOf(entries: readonly Entry[], now: string): unknown[] {
  const given = new PlainColumns(5);
  const returned = new PlainColumns(4);
  const prices = new PlainColumns(3);
  const created: Goods[] = [];
  const openings = new PlainColumns(1);
  const add = (id: string, fact: GoodsFact, place: number): void => {
    switch (fact.type) {
      case 'StockTaken':
        given.add(id, fact.orderId, fact.quantity, place, 1);
        return;
      case 'StockGivenBack':
        returned.add(id, fact.orderId, fact.quantity, place);
        return;
      case 'Restocked':
        given.add(id, fact.requestKey, fact.quantity, place, 3);
        return;
      case 'PriceChanged':
        prices.add(id, fact.price, place);
        return;
      case 'GoodsCreated':
        created.push(fact.goods);
        openings.add(place);
    }
  };
  entries.forEach(({ id, facts }, place) => {
    for (const fact of facts) add(id, fact, place);
  });
  return [
    ...given.arrays(),
    ...returned.arrays(),
    ...prices.arrays(),
    now,
    ...createdArrays(created),
    ...openings.arrays(),
    ...claimArrays(entries),
  ];
}

function keyOf(id: string, fact: GoodsFact): string {
  switch (fact.type) {
    case 'StockTaken':
    case 'StockGivenBack':
      return `${id}:${fact.orderId}`;
    case 'Restocked':
      return `${id}:key:${fact.requestKey}`;
    case 'GoodsCreated':
    case 'PriceChanged':
      return id;
  }
}
