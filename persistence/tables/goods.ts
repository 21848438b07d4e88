// Shelves and their ledger.
import { bigint, int, money, now, primary, small, table, text, time } from './table';

export const tradeGoods = table(
  'trade_goods',
  {
    goodsId: bigint('goods_id', primary),
    goodsName: text('goods_name'),
    goodsNumber: int('goods_number'),
    goodsPrice: money('goods_price'),
    goodsDesc: text('goods_desc', { default: '' }),
    addTime: time('add_time', now),
  },
  { checks: { goods_number_check: 'goods_number >= 0', goods_price_check: 'goods_price >= 0' } },
);

export const tradeGoodsNumberLog = table(
  'trade_goods_number_log',
  {
    goodsId: bigint('goods_id', primary),
    orderId: bigint('order_id', primary),
    goodsNumber: int('goods_number'),
    logTime: time('log_time', now),
    logType: small('log_type', { ...primary, default: 1 }),
  },
  { checks: { log_type_check: 'log_type in (1, 2, 3)' } },
);
