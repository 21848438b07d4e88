// The goods group consumes an order_cancel line by line (R11).
import { lineKey, type GoodsId, type OrderId } from '../actors/domain/ids';

/** The keys of an event's lines, as its body has them; the order's own key in place of a line that names no goods. */
export function lineKeysOf(orderId: string, body: Readonly<Record<string, unknown>>): readonly string[] {
  const lines = body['lines'] as readonly { goodsId: string | number }[] | undefined;
  const goodsIds = lines?.map((line) => line.goodsId) ?? [body['goodsId'] as string | number | undefined];
  return goodsIds.map((goodsId) =>
    goodsId === undefined ? orderId : lineKey(orderId as OrderId, String(goodsId) as GoodsId),
  );
}
