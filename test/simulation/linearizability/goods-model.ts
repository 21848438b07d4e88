// Goods, one command after the other: stock is taken and given back once an order, and never below nothing.
import type { GoodsCommand } from '../../../actors/domain/goods';
import { Ledger } from './ledger';
import { no, yes, type Model, type Outcome } from './model';
import type { Verdict } from './operation';

export interface GoodsFigures {
  readonly name: string;
  readonly price: string;
  readonly stock: number;
}

export interface GoodsState {
  readonly goods: GoodsFigures | undefined;
  readonly ledger: string;
}

interface Row {
  /** 0 if nothing was ever taken. */
  readonly taken?: number;
  readonly givenBack?: true;
  readonly added?: number;
}

const MOST_STOCK = 2_000_000_000;
const OPENING = 'key:0';

const order = (orderId: string): string => `order:${orderId}`;
const request = (requestKey: string): string => `key:${requestKey}`;
const figures = ({ price, stock }: GoodsFigures): Verdict => yes({ price, stock });

/** @param opening what the shop opened with; undefined: the goods are not there yet */
export function goodsModel(opening: GoodsFigures | undefined): Model<GoodsState, GoodsCommand> {
  const ledger = new Ledger<Row>();

  const open = (goods: GoodsFigures, text: string): GoodsState => ({
    goods,
    ledger: ledger.write(text, OPENING, { added: goods.stock }),
  });

  const refusal = (
    goods: GoodsFigures | undefined,
    command: { readonly price: string; readonly quantity: number },
  ): Verdict | undefined => {
    if (!goods) return no('SHOP_GOODS_NO_EXIST', true);
    if (goods.price !== command.price) return no('SHOP_GOODS_PRICE_INVALID', true);
    return goods.stock < command.quantity ? no('SHOP_GOODS_NUM_NOT_ENOUGH') : undefined;
  };

  const settle = (state: GoodsState, command: GoodsCommand): Outcome<GoodsState> => {
    const { goods } = state;
    const stay = (verdict: Verdict): Outcome<GoodsState> => ({ verdict, next: state });
    const move = (verdict: Verdict, by: number, key: string, row: Row): Outcome<GoodsState> => ({
      verdict,
      next: {
        goods: goods && { ...goods, stock: goods.stock + by },
        ledger: ledger.write(state.ledger, key, row),
      },
    });

    switch (command.type) {
      case 'TakeStock': {
        const key = order(command.orderId);
        const row = ledger.read(state.ledger, key);
        if (row) {
          const isSame = !row.givenBack && row.taken === command.quantity;
          return stay(isSame ? yes() : no('SHOP_REDUCE_GOODS_NUM_FAIL'));
        }
        const refused = refusal(goods, command);
        return refused ? stay(refused) : move(yes(), -command.quantity, key, { taken: command.quantity });
      }
      case 'GiveStockBack': {
        const key = order(command.orderId);
        const row = ledger.read(state.ledger, key);
        if (row?.givenBack) return stay(yes());
        const taken = row?.taken ?? 0;
        return move(yes(), taken, key, { taken, givenBack: true });
      }
      case 'Restock': {
        if (!goods) return stay(no('SHOP_GOODS_NO_EXIST'));
        const key = request(command.requestKey);
        const row = ledger.read(state.ledger, key);
        if (row) {
          return stay(row.added === command.quantity ? figures(goods) : no('SHOP_REQUEST_KEY_CONFLICT'));
        }
        const stock = goods.stock + command.quantity;
        if (stock > MOST_STOCK) return stay(no('SHOP_REQUEST_PARAMETER_VALID'));
        return move(figures({ ...goods, stock }), command.quantity, key, { added: command.quantity });
      }
      case 'CreateGoods': {
        const { name, price, stock } = command;
        if (!goods)
          return { verdict: yes({ price, stock }), next: open({ name, price, stock }, state.ledger) };
        const isSame =
          goods.name === name && goods.price === price && ledger.read(state.ledger, OPENING)?.added === stock;
        return stay(isSame ? figures(goods) : no('SHOP_GOODS_EXIST'));
      }
      case 'ChangePrice': {
        if (!goods) return stay(no('SHOP_GOODS_NO_EXIST'));
        const { price } = command;
        if (goods.price === price) return stay(figures(goods));
        return {
          verdict: figures({ ...goods, price }),
          next: { goods: { ...goods, price }, ledger: state.ledger },
        };
      }
      case 'FindGoods':
        return stay(goods ? figures(goods) : no('SHOP_GOODS_NO_EXIST'));
    }
  };

  return {
    initial: opening ? open(opening, '') : { goods: undefined, ledger: '' },
    settle,
    hasty: ({ goods }, command) => (command.type === 'TakeStock' ? refusal(goods, command) : undefined),
    onceKey: (command) => (command.type === 'ChangePrice' ? undefined : JSON.stringify(command)),
    keyOf: ({ goods, ledger: text }) => (goods ? `${goods.stock} ${goods.price} ${text}` : text),
    describe: ({ goods }) => (goods ? `stock ${goods.stock} at ${goods.price}` : 'no such goods'),
  };
}
