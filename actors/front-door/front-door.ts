// The front door: validates what comes from outside, by whatever way, and asks the actors. It never throws.
import type { Logger } from 'pino';
import { Compile } from 'typebox/compile';
import type { CouponCommand } from '../domain/coupon';
import { TerminalError, RetryableError } from '../domain/errors';
import { FRONT_DOOR, type FrontDoor, type FrontReply, type Request } from '../domain/front-door';
import type { GoodsCommand } from '../domain/goods';
import { id, type CouponId, type GoodsId, type OrderId, type PayId, type UserId } from '../domain/ids';
import { money } from '../domain/money';
import { idText } from '../domain/schemas';
import type { WalletCommand } from '../domain/wallet';
import type { Static } from 'typebox';
import { madeId } from './made-id';
import { createPayment, refundPayment, takeCallback, wishOf, type PaymentParts } from './payments';
import { placeOrder, type PlaceOrderParts } from './place-order';
import { presentCoupon, presentGoods, presentOrder, presentPayment, presentWallet } from './present';
import { pendingAt, replyOf } from './reply';

export type FrontDoorParts = PlaceOrderParts & PaymentParts & { readonly logger: Logger };

type Body<Name extends Request> = Static<(typeof FRONT_DOOR)[Name]>;
type Handlers = {
  readonly [Name in Request]: (body: Body<Name>, trace: string | undefined) => Promise<FrontReply>;
};

const validators = new Map(
  Object.entries(FRONT_DOOR).map(([name, schema]) => [name as Request, Compile(schema)] as const),
);

export function createFrontDoor(parts: FrontDoorParts): FrontDoor {
  const { logger } = parts;
  const handlers = handlersOf(parts);

  const guarded = async <Reply extends FrontReply>(
    what: string,
    run: () => Promise<Reply>,
  ): Promise<Reply | FrontReply> => {
    try {
      return await run();
    } catch (error) {
      if (error instanceof RetryableError) return { code: 'SHOP_UNAVAILABLE' };
      if (error instanceof TerminalError)
        return { code: 'SHOP_REQUEST_PARAMETER_VALID', detail: error.message };
      logger.error({ err: error, request: what }, 'a request failed');
      return { code: 'SHOP_FAIL' };
    }
  };

  return {
    call(request, body, context) {
      const validator = validators.get(request);
      if (!validator?.Check(body)) {
        const [first] = validator?.Errors(body) ?? [];
        const detail = first
          ? `${first.instancePath || '/'} ${first.message}`
          : 'a request that we do not know';
        return Promise.resolve({ code: 'SHOP_REQUEST_PARAMETER_VALID', detail });
      }
      const handler = handlers[request] as (body: unknown, trace: string | undefined) => Promise<FrontReply>;
      return guarded(request, () => handler(body, context?.trace));
    },

    callback: (provider, rawBody, signature) =>
      guarded('payment.callback', () => takeCallback(parts, provider, rawBody, signature)),
  };
}

function handlersOf(parts: FrontDoorParts): Handlers {
  const { router, clock } = parts;
  const ask = (
    kind: Parameters<typeof router.ask>[0]['kind'],
    entity: Parameters<typeof router.ask>[0]['id'],
    command: { type: string },
    trace: string | undefined,
  ) => router.ask({ kind, id: entity, command, key: entity, attempt: 1, trace });
  const order = async (body: Body<'order.find'>, type: string, trace: string | undefined) => {
    const orderId = id<OrderId>(idText(body.orderId));
    return pendingAt(orderId, replyOf(await ask('order', orderId, { type }, trace), presentOrder));
  };
  const goods = async (goodsId: string | number, command: GoodsCommand, trace: string | undefined) =>
    replyOf(await ask('goods', id<GoodsId>(idText(goodsId)), command, trace), presentGoods);
  const wallet = async (userId: string | number, command: WalletCommand, trace: string | undefined) =>
    replyOf(await ask('wallet', id<UserId>(idText(userId)), command, trace), presentWallet);
  const coupon = async (couponId: CouponId, command: CouponCommand, trace: string | undefined) =>
    replyOf(await ask('coupon', couponId, command, trace), presentCoupon);

  return {
    'order.place': (body, trace) => placeOrder(parts, body, trace),
    'order.find': (body, trace) => order(body, 'FindOrder', trace),
    'order.cancel': (body, trace) => order(body, 'CancelOrder', trace),
    'order.ship': (body, trace) => order(body, 'ShipOrder', trace),
    'order.refund': (body, trace) => order(body, 'RefundOrder', trace),
    'payment.create': (body) =>
      createPayment(parts, wishOf(id<OrderId>(idText(body.orderId)), body.payAmount, body.provider)),
    'payment.callback': ({ signature, provider, ...signed }) =>
      takeCallback(parts, provider, signedBytes(signed), signature),
    'payment.find': async (body, trace) =>
      replyOf(
        await ask('payment', id<PayId>(idText(body.payId)), { type: 'FindPayment' }, trace),
        presentPayment,
      ),
    'payment.refund': (body) => refundPayment(parts, id<PayId>(idText(body.payId))),
    'goods.find': (body, trace) => goods(body.goodsId, { type: 'FindGoods' }, trace),
    'goods.create': (body, trace) => {
      const goodsId = id<GoodsId>(madeId(body.goodsId, body.requestKey, 'goods'));
      const command: GoodsCommand = {
        type: 'CreateGoods',
        goodsId,
        name: body.goodsName,
        price: money(body.goodsPrice),
        stock: body.goodsNumber,
        description: body.goodsDesc ?? '',
        at: clock.now(),
      };
      return goods(goodsId, command, trace);
    },
    'goods.price': (body, trace) =>
      goods(body.goodsId, { type: 'ChangePrice', price: money(body.goodsPrice) }, trace),
    'goods.restock': (body, trace) => {
      const command: GoodsCommand = {
        type: 'Restock',
        requestKey: idText(body.requestKey),
        quantity: body.goodsNumber,
      };
      return goods(body.goodsId, command, trace);
    },
    'wallet.find': (body, trace) => wallet(body.userId, { type: 'FindWallet' }, trace),
    'wallet.recharge': (body, trace) => {
      const command: WalletCommand = {
        type: 'Recharge',
        requestKey: idText(body.requestKey),
        amount: money(body.amount),
      };
      return wallet(body.userId, command, trace);
    },
    'coupon.find': (body, trace) =>
      coupon(id<CouponId>(idText(body.couponId)), { type: 'FindCoupon' }, trace),
    'coupon.issue': (body, trace) => {
      const userId = id<UserId>(idText(body.userId));
      const couponId = id<CouponId>(madeId(body.couponId, body.requestKey, 'coupon', userId));
      return coupon(
        couponId,
        { type: 'IssueCoupon', couponId, userId, price: money(body.couponPrice) },
        trace,
      );
    },
  };
}

/** The bytes that a platform signed, from the members that travel beside the signature over NATS. */
function signedBytes(body: Omit<Body<'payment.callback'>, 'signature' | 'provider'>): Uint8Array {
  const { payId, orderId, isPaid, payAmount, transactionId } = body;
  return Buffer.from(JSON.stringify({ payId, orderId, isPaid, payAmount, transactionId }));
}
