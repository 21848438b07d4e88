// The events that leave through the outbox, and the groups that consume them (PROTOCOL).
import type { Kind } from './envelope';

export const STREAMS = ['orderTopic', 'payTopic'] as const;
export type Stream = (typeof STREAMS)[number];
export type Tag = 'order_confirm' | 'order_cancel' | 'pay_status' | 'pay_refund';

/** An event as an outbox row holds it and a stream carries it. */
export interface OutboxEvent {
  readonly producerGroup: string;
  readonly topic: Stream;
  readonly tag: Tag;
  /** The dedupe key of its consumption: the order's, the payment's or the transaction's id. */
  readonly key: string;
  readonly body: Readonly<Record<string, unknown>>;
}

/** What the broker knows an event by, the first time that it goes out. */
export const messageIdOf = ({ tag, key }: Pick<OutboxEvent, 'tag' | 'key'>): string => `${tag}:${key}`;

export interface Group {
  readonly name: string;
  readonly topic: Stream;
  readonly tag: Tag;
  /** The kind in whose database this group's inbox rows lie. */
  readonly home: Kind;
}

export const GROUPS = [
  { name: 'order_orderTopic_cancel_order_group', topic: 'orderTopic', tag: 'order_cancel', home: 'order' },
  { name: 'order_orderTopic_cancel_goods_group', topic: 'orderTopic', tag: 'order_cancel', home: 'goods' },
  { name: 'order_orderTopic_cancel_coupon_group', topic: 'orderTopic', tag: 'order_cancel', home: 'coupon' },
  { name: 'order_orderTopic_cancel_user_group', topic: 'orderTopic', tag: 'order_cancel', home: 'wallet' },
  { name: 'pay_payTopic_order_group', topic: 'payTopic', tag: 'pay_status', home: 'order' },
  { name: 'pay_payTopic_user_group', topic: 'payTopic', tag: 'pay_status', home: 'wallet' },
  { name: 'pay_payTopic_log_group', topic: 'payTopic', tag: 'pay_status', home: 'pay-log' },
  { name: 'pay_payTopic_refund_group', topic: 'payTopic', tag: 'pay_refund', home: 'payment' },
] as const satisfies readonly Group[];

export type KnownGroup = (typeof GROUPS)[number];
export type GroupName = KnownGroup['name'];

/** The groups that must be done with an event before its outbox row may go (R12). */
export const groupsOf = (tag: Tag): readonly KnownGroup[] => GROUPS.filter((group) => group.tag === tag);
