// The keys under which the groups consume an event: its own, and line by line for the goods group of order_cancel (R11).
import type { Group } from './events';
import { isId, lineKey, type GoodsId, type OrderId } from './ids';

type Body = Readonly<Record<string, unknown>>;

/** Which rows of its inbox tell how far a group is with an event. */
export const keysOf = (
  group: Group,
  event: { readonly key: string; readonly body: Body },
): readonly string[] =>
  group.name === 'order_orderTopic_cancel_goods_group' ? lineKeysOf(event.key, event.body) : [event.key];

/**
 * The keys of an event's lines, as its body has them; the order's own key in place of a line that names no goods.
 * Anyone may inject a body (R1), so nothing of it is sure.
 */
export function lineKeysOf(orderId: string, body: Body): readonly string[] {
  const { lines } = body;
  return (Array.isArray(lines) ? lines : [body]).map((line) => {
    const goodsId = String((line as { goodsId?: unknown } | null | undefined)?.goodsId);
    return isId(goodsId) ? lineKey(orderId as OrderId, goodsId as GoodsId) : orderId;
  });
}
