// Which event a dead letter goes out as when it is re-driven.
import { Compile } from 'typebox/compile';
import { lineKeysOf } from '../actors/domain/consumption-keys';
import { GROUPS, type GroupName, type Stream, type Tag } from '../actors/domain/events';
import { isId } from '../actors/domain/ids';
import { EVENT_BODIES } from '../actors/domain/schemas';

export interface ParkedRow {
  readonly group: string;
  readonly tag: string;
  readonly key: string;
  readonly body: string;
}

export interface RedrivenEvent {
  readonly row: ParkedRow;
  readonly topic: Stream;
  readonly key: string;
  /** As it was, but that of a line names the line: its row stays in the outbox until the lines that it names are over (R12). */
  readonly body: string;
  /** It did not fit its schema, so it was counted under its message's id. */
  readonly isPoison: boolean;
}

/** The member of its body that an event is counted by. */
const KEY_MEMBERS: Readonly<Record<Tag, string>> = {
  order_confirm: 'orderId',
  order_cancel: 'orderId',
  pay_status: 'payId',
  pay_refund: 'transactionId',
};

const transactionIds = Compile(EVENT_BODIES.pay_refund.properties.transactionId);

/** This group counts by line: `<orderId>:<goodsId>` (R11). */
const BY_LINE: GroupName = 'order_orderTopic_cancel_goods_group';

/** @returns undefined if the body is no event's at all, or names nothing: nobody could ever handle it, so it stays a dead letter */
export function redrivenEvent(row: ParkedRow): RedrivenEvent | undefined {
  const group = GROUPS.find((one) => one.tag === row.tag);
  const body = objectIn(row.body);
  if (!group || !body) return undefined;
  const isPoison = row.key.startsWith('poison:');
  const { topic, tag } = group;
  if (!isPoison && row.group === BY_LINE) {
    const [key = '', goodsId] = row.key.split(':');
    // Without a line it is the order itself that was given up: nobody could say which lines it has.
    const isNamed = goodsId === undefined || lineKeysOf(key, body).includes(row.key);
    return { row, topic, key, body: isNamed ? row.body : naming(goodsId, body), isPoison };
  }
  const key = isPoison ? keyIn(body, tag) : row.key;
  return key === undefined ? undefined : { row, topic, key, body: row.body, isPoison };
}

type Body = Readonly<Record<string, unknown>>;

/** Whoever publishes an event by hand need not name any line. */
const naming = (goodsId: string, { lines: _others, ...body }: Body): string =>
  JSON.stringify({ ...body, goodsId });

function keyIn(body: Body, tag: Tag): string | undefined {
  const member = body[KEY_MEMBERS[tag]];
  const key = typeof member === 'number' ? String(member) : member;
  if (typeof key !== 'string') return undefined;
  const isKey = tag === 'pay_refund' ? transactionIds.Check(key) : isId(key);
  return isKey ? key : undefined;
}

function objectIn(text: string): Body | undefined {
  try {
    const value: unknown = JSON.parse(text);
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
    return isObject ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}
