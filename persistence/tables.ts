// The tables as TypeORM sees them, without decorators; a test keeps them and the migrations identical.
import { EntitySchema, EntitySchemaOptions, type EntitySchemaColumnOptions } from 'typeorm';

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

/** What PostgreSQL and we call it: its rule for checks and unique keys without a name, ours for indexes. */
interface Rules {
  /** By the end of its name; TypeORM compares names, not what they say. */
  readonly checks?: Readonly<Record<string, string>>;
  readonly indices?: EntitySchemaOptions<Row>['indices'];
  readonly uniques?: EntitySchemaOptions<Row>['uniques'];
}
type Row = Readonly<Record<string, unknown>>;

const table = (name: string, columns: Columns, { checks = {}, indices = [], uniques = [] }: Rules = {}) =>
  new EntitySchema(
    Object.assign(new EntitySchemaOptions<Row>(), {
      name,
      tableName: name,
      columns,
      indices,
      uniques,
      checks: Object.entries(checks).map(([suffix, expression]) => ({
        name: `${name}_${suffix}`,
        expression,
      })),
    }),
  );

const deployment = table(
  'deployment',
  {
    onlyOne: column('boolean', 'only_one', { ...primary, default: true }),
    deploymentId: text('deployment_id'),
    shards: int('shards'),
    createTime: time('create_time', now),
  },
  { checks: { only_one_check: 'only_one', shards_check: 'shards > 0' } },
);

const idWorker = table(
  'id_worker',
  {
    workerNo: int('worker_no', primary),
    lastTime: time('last_time'),
  },
  { checks: { worker_no_check: 'worker_no between 0 and 1023' } },
);

const clusterNode = table('cluster_node', {
  incarnation: text('incarnation', primary),
  nodeName: text('node_name'),
  url: text('url'),
  startedTime: time('started_time', now),
  heartbeatTime: time('heartbeat_time', now),
});

const tradeGoods = table(
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

const tradeGoodsNumberLog = table(
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

const tradeCoupon = table(
  'trade_coupon',
  {
    couponId: bigint('coupon_id', primary),
    couponPrice: money('coupon_price'),
    userId: bigint('user_id'),
    orderId: bigint('order_id', optional),
    isUsed: small('is_used', { default: 0 }),
    usedTime: time('used_time', optional),
  },
  {
    checks: {
      coupon_price_check: 'coupon_price >= 0',
      is_used_check: 'is_used in (0, 1)',
      check: '(is_used = 1) = (order_id is not null)',
    },
    indices: [{ name: 'trade_coupon_user', columns: ['userId', 'couponId'] }],
  },
);

const tradeCouponLog = table(
  'trade_coupon_log',
  {
    couponId: bigint('coupon_id', primary),
    orderId: bigint('order_id', primary),
    logType: small('log_type', primary),
    couponPrice: money('coupon_price'),
    logTime: time('log_time', now),
  },
  { checks: { log_type_check: 'log_type in (1, 2)' } },
);

const tradeUser = table(
  'trade_user',
  {
    userId: bigint('user_id', primary),
    userName: text('user_name'),
    userPassword: text('user_password', { default: '' }),
    userMobile: text('user_mobile', { default: '' }),
    userScore: int('user_score', { default: 0 }),
    userRegTime: time('user_reg_time', now),
    userMoney: money('user_money', { default: 0 }),
  },
  { checks: { user_money_check: 'user_money >= 0' } },
);

const tradeUserMoneyLog = table(
  'trade_user_money_log',
  {
    userId: bigint('user_id', primary),
    orderId: bigint('order_id', primary),
    moneyLogType: small('money_log_type', primary),
    useMoney: money('use_money'),
    createTime: time('create_time', now),
  },
  { checks: { money_log_type_check: 'money_log_type in (1, 2, 3)' } },
);

const tradeUserScoreLog = table(
  'trade_user_score_log',
  {
    userId: bigint('user_id', primary),
    payId: bigint('pay_id', primary),
    logType: small('log_type', primary),
    score: int('score'),
    createTime: time('create_time', now),
  },
  { checks: { log_type_check: 'log_type in (1, 2, 3)' } },
);

const tradeOrder = table(
  'trade_order',
  {
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
  },
  {
    checks: {
      order_status_check: 'order_status between 0 and 4',
      pay_status_check: 'pay_status between 0 and 2',
      shipping_status_check: 'shipping_status between 0 and 2',
      goods_number_check: 'goods_number > 0',
      money_paid_check: 'money_paid >= 0',
      pay_amount_check: 'pay_amount >= 0',
      compensation_status_check: 'compensation_status between 0 and 3',
    },
    indices: [
      { name: 'trade_order_unfinished', columns: ['nextAttemptTime'], where: 'order_status = 0' },
      { name: 'trade_order_unpaid', columns: ['expireTime'], where: 'order_status = 1 and pay_status < 2' },
      { name: 'trade_order_compensation', columns: ['orderId'], where: 'compensation_status in (1, 3)' },
    ],
    uniques: [{ name: 'trade_order_user_id_request_key_key', columns: ['userId', 'requestKey'] }],
  },
);

const tradeOrderGoods = table(
  'trade_order_goods',
  {
    orderId: bigint('order_id', primary),
    goodsId: bigint('goods_id', primary),
    goodsNumber: int('goods_number'),
    goodsPrice: money('goods_price'),
  },
  { checks: { goods_number_check: 'goods_number > 0' } },
);

const tradePay = table(
  'trade_pay',
  {
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
  },
  {
    checks: { is_paid_check: 'is_paid in (1, 2)' },
    indices: [{ name: 'trade_pay_order', columns: ['orderId'] }],
  },
);

const tradePayTransaction = table(
  'trade_pay_transaction',
  {
    provider: text('provider', primary),
    transactionId: text('transaction_id', primary),
    payId: bigint('pay_id'),
    amount: money('amount'),
    state: text('state'),
    reason: text('reason', { default: '' }),
    createTime: time('create_time', now),
    refundTime: time('refund_time', optional),
  },
  {
    checks: {
      state_check: "state in ('booked', 'refund due', 'requested', 'refunded', 'failed', 'mismatch')",
    },
    indices: [
      { name: 'trade_pay_transaction_pay', columns: ['payId'] },
      {
        name: 'trade_pay_transaction_open',
        columns: ['state'],
        where: "state not in ('booked', 'refunded')",
      },
    ],
  },
);

const tradePayLog = table('trade_pay_log', {
  payId: bigint('pay_id', primary),
  orderId: bigint('order_id'),
  payAmount: money('pay_amount'),
  logTime: time('log_time', now),
});

const tradeMqProducerTemp = table(
  'trade_mq_producer_temp',
  {
    id: bigint('id', { ...primary, generated: 'identity', generatedIdentity: 'ALWAYS' }),
    groupName: text('group_name'),
    msgTopic: text('msg_topic'),
    msgTag: text('msg_tag'),
    msgKey: text('msg_key'),
    msgBody: text('msg_body'),
    msgStatus: small('msg_status', { default: 0 }),
    createTime: time('create_time', now),
    sentTime: time('sent_time', optional),
  },
  {
    checks: { msg_status_check: 'msg_status in (0, 1)' },
    indices: [{ name: 'trade_mq_producer_temp_unsent', columns: ['createTime'], where: 'msg_status = 0' }],
  },
);

const tradeMqConsumerLog = table(
  'trade_mq_consumer_log',
  {
    msgId: text('msg_id'),
    groupName: text('group_name', primary),
    msgTag: text('msg_tag', primary),
    msgKey: text('msg_key', primary),
    msgBody: text('msg_body', { default: '' }),
    consumerStatus: small('consumer_status', { default: 0 }),
    consumerTimes: int('consumer_times', { default: 0 }),
    consumerTimestamp: time('consumer_timestamp', now),
    remark: text('remark', { default: '' }),
  },
  {
    checks: { consumer_status_check: 'consumer_status between 0 and 2' },
    indices: [
      { name: 'trade_mq_consumer_log_open', columns: ['consumerTimestamp'], where: 'consumer_status <> 1' },
    ],
  },
);

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
