// Stock is taken and given back once an order, whatever is repeated; the ledger remembers (R2).
import { accept, reject, unchanged, type Decider, type Decision } from './decision';
import { ok, type Instant } from './envelope';
import type { GoodsId, OrderId } from './ids';
import type { Money } from './money';

export type GoodsCommand =
  | {
      readonly type: 'TakeStock';
      readonly orderId: OrderId;
      readonly quantity: number;
      readonly price: Money;
    }
  | { readonly type: 'GiveStockBack'; readonly orderId: OrderId }
  | { readonly type: 'Restock'; readonly requestKey: string; readonly quantity: number }
  | {
      readonly type: 'CreateGoods';
      readonly goodsId: GoodsId;
      readonly name: string;
      readonly price: Money;
      readonly stock: number;
      readonly description: string;
      readonly at: Instant;
    }
  | { readonly type: 'ChangePrice'; readonly price: Money }
  | { readonly type: 'FindGoods' };

export type GoodsFact =
  | { readonly type: 'StockTaken'; readonly orderId: OrderId; readonly quantity: number }
  /** Quantity 0: nothing was taken, and nothing ever will be for this order. */
  | { readonly type: 'StockGivenBack'; readonly orderId: OrderId; readonly quantity: number }
  | { readonly type: 'Restocked'; readonly requestKey: string; readonly quantity: number }
  | { readonly type: 'GoodsCreated'; readonly goods: Goods }
  | { readonly type: 'PriceChanged'; readonly price: Money };

export interface Goods {
  readonly goodsId: GoodsId;
  readonly name: string;
  readonly description: string;
  readonly price: Money;
  readonly stock: number;
  readonly addTime: Instant;
}

/** What the ledger says of one order's, or one restocking's, key. */
export interface GoodsRecord {
  readonly taken?: number;
  readonly givenBack?: boolean;
  readonly restocked?: number;
}

/** The opening stock's key in the ledger, where restockings have theirs. */
const OPENING = '0';

/** The largest stock that the column holds. */
const MOST_STOCK = 2_000_000_000;

function decide(
  command: GoodsCommand,
  goods: Goods | undefined,
  recorded: GoodsRecord | undefined,
): Decision<GoodsFact, GoodsCommand> {
  switch (command.type) {
    case 'TakeStock':
      if (recorded?.givenBack) return reject('SHOP_REDUCE_GOODS_NUM_FAIL');
      if (recorded?.taken !== undefined) {
        return recorded.taken === command.quantity ? unchanged(ok({})) : reject('SHOP_REDUCE_GOODS_NUM_FAIL');
      }
      if (!goods) return reject('SHOP_GOODS_NO_EXIST', { invalid: true });
      if (goods.price !== command.price) return reject('SHOP_GOODS_PRICE_INVALID', { invalid: true });
      if (goods.stock < command.quantity) return reject('SHOP_GOODS_NUM_NOT_ENOUGH');
      return accept([{ type: 'StockTaken', orderId: command.orderId, quantity: command.quantity }], ok({}));

    case 'GiveStockBack':
      if (recorded?.givenBack) return unchanged(ok({}));
      return accept(
        [{ type: 'StockGivenBack', orderId: command.orderId, quantity: recorded?.taken ?? 0 }],
        ok({}),
      );

    case 'Restock':
      if (!goods) return reject('SHOP_GOODS_NO_EXIST');
      if (recorded?.restocked !== undefined) {
        return recorded.restocked === command.quantity
          ? unchanged(ok(goods))
          : reject('SHOP_REQUEST_KEY_CONFLICT');
      }
      if (goods.stock + command.quantity > MOST_STOCK) return reject('SHOP_REQUEST_PARAMETER_VALID');
      return accept(
        [{ type: 'Restocked', requestKey: command.requestKey, quantity: command.quantity }],
        ok({ ...goods, stock: goods.stock + command.quantity }),
      );

    case 'CreateGoods': {
      const created: Goods = {
        goodsId: command.goodsId,
        name: command.name,
        description: command.description,
        price: command.price,
        stock: command.stock,
        addTime: command.at,
      };
      if (!goods) return accept([{ type: 'GoodsCreated', goods: created }], ok(created));
      const same =
        goods.name === command.name && goods.price === command.price && recorded?.restocked === command.stock;
      return same ? unchanged(ok(goods)) : reject('SHOP_GOODS_EXIST');
    }

    case 'ChangePrice':
      if (!goods) return reject('SHOP_GOODS_NO_EXIST');
      if (goods.price === command.price) return unchanged(ok(goods));
      return accept([{ type: 'PriceChanged', price: command.price }], ok({ ...goods, price: command.price }));

    case 'FindGoods':
      return goods ? unchanged(ok(goods)) : reject('SHOP_GOODS_NO_EXIST');
  }
}

function evolve(goods: Goods | undefined, fact: GoodsFact): Goods | undefined {
  if (fact.type === 'GoodsCreated') return fact.goods;
  if (!goods) return undefined;
  switch (fact.type) {
    case 'StockTaken':
      return { ...goods, stock: goods.stock - fact.quantity };
    case 'StockGivenBack':
    case 'Restocked':
      return { ...goods, stock: goods.stock + fact.quantity };
    case 'PriceChanged':
      return { ...goods, price: fact.price };
  }
}

/** What is done once for all reads its ledger row always; a take does from its second attempt on (R8). */
function recordKey(command: GoodsCommand, attempt: number): string | undefined {
  switch (command.type) {
    case 'TakeStock':
      return attempt > 1 ? command.orderId : undefined;
    case 'GiveStockBack':
      return command.orderId;
    case 'Restock':
      return command.requestKey;
    case 'CreateGoods':
      return OPENING;
    case 'ChangePrice':
    case 'FindGoods':
      return undefined;
  }
}

export const goodsDecider: Decider<Goods, GoodsCommand, GoodsFact, GoodsRecord> = {
  decide,
  evolve,
  recordKey,
  settled: () => undefined,
};
