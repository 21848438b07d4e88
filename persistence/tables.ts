// The tables as TypeORM sees them; a test keeps them and the migrations identical.
import { deployment, idWorker, clusterNode } from './tables/cluster';
import { tradeCoupon, tradeCouponLog } from './tables/coupons';
import { tradeMqProducerTemp, tradeMqConsumerLog } from './tables/events';
import { tradeGoods, tradeGoodsNumberLog } from './tables/goods';
import { tradeOrder, tradeOrderGoods } from './tables/orders';
import { tradePay, tradePayTransaction, tradePayLog } from './tables/payments';
import { tradeUser, tradeUserMoneyLog, tradeUserScoreLog } from './tables/users';

export const TABLES = [
  deployment,
  idWorker,
  clusterNode,
  tradeGoods,
  tradeGoodsNumberLog,
  tradeCoupon,
  tradeCouponLog,
  tradeUser,
  tradeUserMoneyLog,
  tradeUserScoreLog,
  tradeOrder,
  tradeOrderGoods,
  tradePay,
  tradePayTransaction,
  tradePayLog,
  tradeMqProducerTemp,
  tradeMqConsumerLog,
];
