// The outbox, and the inbox of every group.
import { bigint, int, now, optional, primary, small, table, text, time } from './table';

export const tradeMqProducerTemp = table(
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

export const tradeMqConsumerLog = table(
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
