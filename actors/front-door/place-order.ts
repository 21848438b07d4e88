// Placing an order: one order a request, however often it is sent (R15).
import { hash } from 'node:crypto';
import type { Answer } from '../domain/envelope';
import type { FrontReply } from '../domain/front-door';
import { id, type CouponId, type GoodsId, type OrderId, type UserId } from '../domain/ids';
import { plusMs } from '../domain/instant';
import { money, parseMoney, ZERO } from '../domain/money';
import type { OrderCommand } from '../domain/order';
import { neededBy } from '../domain/order-saga';
import type { Line, Order } from '../domain/order-state';
import type { Clock } from '../domain/ports/clock';
import type { OrderIds } from '../domain/ports/id-source';
import type { Router } from '../domain/ports/router';
import { idText, type PlaceOrderBody } from '../domain/schemas';
import { presentOrder } from './present';
import { replyOf } from './reply';

export interface PlaceOrderParts {
  readonly router: Router;
  readonly orderIds: OrderIds;
  readonly clock: Clock;
  /** Unpaid orders end after this long. */
  readonly expiresAfterMs: number;
  /** The customer waits this long, then asks again at the order's URL. */
  readonly patienceMs: number;
}

type Place = Extract<OrderCommand, { type: 'PlaceOrder' }>;

/** @param body fits PlaceOrderBody */
export async function placeOrder(
  parts: PlaceOrderParts,
  body: PlaceOrderBody,
  trace?: string,
): Promise<FrontReply> {
  const lines = linesOf(body);
  if (typeof lines === 'string') return { code: 'SHOP_REQUEST_PARAMETER_VALID', detail: lines };
  const command = commandOf(parts, body, lines);
  const answer = await ask(parts, command.orderId, command, trace);
  const standing = answer.outcome === 'ok' ? (answer.data as { standing?: OrderId }).standing : undefined;
  if (standing === undefined) {
    const said = reply(answer, command.orderId);
    // Whether it was saved before a connection broke is unknown; under a request key he asks again, else by its id.
    const isUnknown = answer.outcome === 'retry' && command.requestKey === undefined;
    return isUnknown ? { ...said, data: { orderId: command.orderId } } : said;
  }
  return reply(await ask(parts, standing, { type: 'AwaitOrder' }, trace), standing);
}

const ask = (
  { router, patienceMs }: PlaceOrderParts,
  orderId: OrderId,
  command: OrderCommand,
  trace: string | undefined,
): Promise<Answer> =>
  router.ask(
    { kind: 'order', id: orderId, command, key: orderId, attempt: 1, trace },
    { timeoutMs: patienceMs, deadlineMs: patienceMs },
  );

/** An order that is not finished in time is pending: its id is all that the customer needs. */
function reply(answer: Answer, orderId: OrderId): FrontReply {
  if (answer.outcome === 'fault') {
    return answer.silent
      ? { code: 'SHOP_ORDER_PENDING', data: { orderId } }
      : { code: 'SHOP_ORDER_SAVE_ERROR' };
  }
  return replyOf(answer, (order: Order) => presentOrder(order));
}

/** @returns the lines, or what is wrong with them */
function linesOf(body: PlaceOrderBody): readonly [Line, ...Line[]] | string {
  const { goodsId, goodsPrice, goodsNumber, lines } = body;
  const single = goodsId !== undefined && goodsPrice !== undefined && goodsNumber !== undefined;
  const some = goodsId !== undefined || goodsPrice !== undefined || goodsNumber !== undefined;
  if (lines ? some : !single) return 'either lines, or goodsId with goodsPrice and goodsNumber';
  const [first, ...others] = (lines ?? [{ goodsId, goodsPrice, goodsNumber }]).map((line): Line => ({
    goodsId: id<GoodsId>(idText(line.goodsId ?? '')),
    price: money(line.goodsPrice ?? ''),
    quantity: line.goodsNumber ?? 0,
  }));
  return first ? [first, ...others] : 'no lines';
}

function commandOf(parts: PlaceOrderParts, body: PlaceOrderBody, lines: Place['lines']): Place {
  const at = parts.clock.now();
  const request = {
    userId: id<UserId>(idText(body.userId)),
    lines,
    shippingFee: money(body.shippingFee),
    orderAmount: money(body.orderAmount),
    couponId: body.couponId === undefined ? undefined : id<CouponId>(idText(body.couponId)),
    moneyPaid: (body.moneyPaid === undefined ? undefined : parseMoney(body.moneyPaid)) ?? ZERO,
    address: body.address,
    consignee: body.consignee ?? '',
  };
  return {
    type: 'PlaceOrder',
    ...request,
    orderId: parts.orderIds.next(neededBy(request)),
    requestKey: body.requestKey,
    requestHash: body.requestKey === undefined ? '' : hash('sha256', JSON.stringify(request), 'base64url'),
    expireTime: plusMs(at, parts.expiresAfterMs),
    at,
  };
}
