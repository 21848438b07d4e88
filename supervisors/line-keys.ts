// The goods group consumes an order_cancel line by line (R11).
import { isId, lineKey, type GoodsId, type OrderId } from '../actors/domain/ids';

/**
 * The keys of an event's lines, as its body has them; the order's own key in place of a line that names no goods.
 * Anyone may inject a body (R1), so nothing of it is sure.
 */
export function lineKeysOf(orderId: string, body: Readonly<Record<string, unknown>>): readonly string[] {
  const { lines } = body;
  return (Array.isArray(lines) ? lines : [body]).map((line) => {
    const goodsId = String((line as { goodsId?: unknown } | null | undefined)?.goodsId);
    return isId(goodsId) ? lineKey(orderId as OrderId, goodsId as GoodsId) : orderId;
  });
}
