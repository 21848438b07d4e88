// The tables as TypeORM sees them, without decorators; a test keeps them and the migrations identical.
import { EntitySchema, type EntitySchemaColumnOptions } from 'typeorm';

type Columns = Readonly<Record<string, EntitySchemaColumnOptions>>;

const column = (
  type: EntitySchemaColumnOptions['type'],
  name: string,
  more: Partial<EntitySchemaColumnOptions> = {},
) => ({
  type,
  name,
  ...more,
});
const bigint = (name: string, more = {}) => column('bigint', name, more);
const small = (name: string, more = {}) => column('smallint', name, more);
const int = (name: string, more = {}) => column('int', name, more);
const text = (name: string, more = {}) => column('text', name, more);
const time = (name: string, more = {}) => column('timestamptz', name, more);
const money = (name: string, more = {}) => column('numeric', name, { precision: 10, scale: 2, ...more });
const primary = { primary: true };
const optional = { nullable: true };
const now = { default: () => 'now()' };

const table = (name: string, columns: Columns) => new EntitySchema({ name, tableName: name, columns });

const deployment = table('deployment', {
  onlyOne: column('boolean', 'only_one', { ...primary, default: true }),
  deploymentId: text('deployment_id'),
  shards: int('shards'),
  createTime: time('create_time', now),
});

const idWorker = table('id_worker', {
  workerNo: int('worker_no', primary),
  lastTime: time('last_time'),
});

const tradeGoods = table('trade_goods', {
  goodsId: bigint('goods_id', primary),
  goodsName: text('goods_name'),
  goodsNumber: int('goods_number'),
  goodsPrice: money('goods_price'),
  goodsDesc: text('goods_desc', { default: '' }),
  addTime: time('add_time', now),
});

const tradeGoodsNumberLog = table('trade_goods_number_log', {
  goodsId: bigint('goods_id', primary),
  orderId: bigint('order_id', primary),
  goodsNumber: int('goods_number'),
  logTime: time('log_time', now),
  logType: small('log_type', { ...primary, default: 1 }),
});

const tradeCoupon = table('trade_coupon', {
  couponId: bigint('coupon_id', primary),
  couponPrice: money('coupon_price'),
  userId: bigint('user_id'),
  orderId: bigint('order_id', optional),
  isUsed: small('is_used', { default: 0 }),
  usedTime: time('used_time', optional),
});

const tradeCouponLog = table('trade_coupon_log', {
  couponId: bigint('coupon_id', primary),
  orderId: bigint('order_id', primary),
  logType: small('log_type', primary),
  couponPrice: money('coupon_price'),
  logTime: time('log_time', now),
});

const tradeUser = table('trade_user', {
  userId: bigint('user_id', primary),
  userName: text('user_name'),
  userPassword: text('user_password', { default: '' }),
  userMobile: text('user_mobile', { default: '' }),
  userScore: int('user_score', { default: 0 }),
  userRegTime: time('user_reg_time', now),
  userMoney: money('user_money', { default: 0 }),
});

const tradeUserMoneyLog = table('trade_user_money_log', {
  userId: bigint('user_id', primary),
  orderId: bigint('order_id', primary),
  moneyLogType: small('money_log_type', primary),
  useMoney: money('use_money'),
  createTime: time('create_time', now),
});

const tradeUserScoreLog = table('trade_user_score_log', {
  userId: bigint('user_id', primary),
  payId: bigint('pay_id', primary),
  logType: small('log_type', primary),
  score: int('score'),
  createTime: time('create_time', now),
});

const tradeOrder = table('trade_order', {
  orderId: bigint('order_id', primary),
  userId: bigint('user_id'),
  orderStatus: small('order_status', { default: 0 }),
  payStatus: small('pay_status', { default: 0 }),
  shippingStatus: small('shipping_status', { default: 0 }),
  address: text('address', { default: '' }),
  consignee: text('consignee', { default: '' }),
  goodsId: bigint('goods_id'),
  goodsNumber: int('goods_number'),
  goodsPrice: money('goods_price'),
  goodsAmount: money('goods_amount'),
  shippingFee: money('shipping_fee'),
  orderAmount: money('order_amount'),
  couponId: bigint('coupon_id', optional),
  couponPaid: money('coupon_paid', { default: 0 }),
  moneyPaid: money('money_paid', { default: 0 }),
  payAmount: money('pay_amount', { default: 0 }),
  addTime: time('add_time', now),
  confirmTime: time('confirm_time', optional),
  payTime: time('pay_time', optional),
  version: int('version', { default: 1 }),
  shard: int('shard', { default: 0 }),
  failCode: int('fail_code', optional),
  requestKey: text('request_key', optional),
  requestHash: text('request_hash', optional),
  payId: bigint('pay_id', optional),
  expireTime: time('expire_time', optional),
  attempts: int('attempts', { default: 1 }),
  nextAttemptTime: time('next_attempt_time', optional),
  compensationStatus: small('compensation_status', { default: 0 }),
});

const tradeOrderGoods = table('trade_order_goods', {
  orderId: bigint('order_id', primary),
  goodsId: bigint('goods_id', primary),
  goodsNumber: int('goods_number'),
  goodsPrice: money('goods_price'),
});

const tradePay = table('trade_pay', {
  payId: bigint('pay_id', primary),
  orderId: bigint('order_id'),
  payAmount: money('pay_amount'),
  isPaid: small('is_paid', { default: 1 }),
  version: int('version', { default: 1 }),
  shard: int('shard', { default: 0 }),
  provider: text('provider', { default: 'sandbox' }),
  createTime: time('create_time', now),
  payTime: time('pay_time', optional),
  closedTime: time('closed_time', optional),
});

const tradePayTransaction = table('trade_pay_transaction', {
  provider: text('provider', primary),
  transactionId: text('transaction_id', primary),
  payId: bigint('pay_id'),
  amount: money('amount'),
  state: text('state'),
  reason: text('reason', { default: '' }),
  createTime: time('create_time', now),
  refundTime: time('refund_time', optional),
});

const tradePayLog = table('trade_pay_log', {
  payId: bigint('pay_id', primary),
  orderId: bigint('order_id'),
  payAmount: money('pay_amount'),
  logTime: time('log_time', now),
});

const tradeMqProducerTemp = table('trade_mq_producer_temp', {
  id: bigint('id', { ...primary, generated: 'identity', generatedIdentity: 'ALWAYS' }),
  groupName: text('group_name'),
  msgTopic: text('msg_topic'),
  msgTag: text('msg_tag'),
  msgKey: text('msg_key'),
  msgBody: text('msg_body'),
  msgStatus: small('msg_status', { default: 0 }),
  createTime: time('create_time', now),
  sentTime: time('sent_time', optional),
});

const tradeMqConsumerLog = table('trade_mq_consumer_log', {
  msgId: text('msg_id'),
  groupName: text('group_name', primary),
  msgTag: text('msg_tag', primary),
  msgKey: text('msg_key', primary),
  msgBody: text('msg_body', { default: '' }),
  consumerStatus: small('consumer_status', { default: 0 }),
  consumerTimes: int('consumer_times', { default: 0 }),
  consumerTimestamp: time('consumer_timestamp', now),
  remark: text('remark', { default: '' }),
});

export const TABLES = [
  deployment,
  idWorker,
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
