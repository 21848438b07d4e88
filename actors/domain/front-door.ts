// What people, tools and other services may ask of the system, by any way in: HTTP, NATS or the CLI.
import type { Code } from './codes';
import {
  CouponIdBody,
  CreateGoodsBody,
  CreatePaymentBody,
  GoodsIdBody,
  IssueCouponBody,
  OrderIdBody,
  PayIdBody,
  PlaceOrderBody,
  PriceBody,
  RechargeBody,
  RestockBody,
  SignedCallbackBody,
  UserIdBody,
} from './schemas';
import Type from 'typebox';

/** Each request's name (its NATS subject without `trade.`) and the schema of its body. */
export const FRONT_DOOR = {
  'order.place': PlaceOrderBody,
  'order.find': OrderIdBody,
  'order.cancel': OrderIdBody,
  'order.ship': OrderIdBody,
  'order.refund': OrderIdBody,
  'payment.create': CreatePaymentBody,
  'payment.callback': SignedCallbackBody,
  'payment.find': PayIdBody,
  'payment.refund': PayIdBody,
  'goods.find': GoodsIdBody,
  'goods.create': CreateGoodsBody,
  'goods.price': Type.Object(
    { ...GoodsIdBody.properties, ...PriceBody.properties },
    { additionalProperties: false },
  ),
  'goods.restock': RestockBody,
  'wallet.find': UserIdBody,
  'wallet.recharge': RechargeBody,
  'coupon.find': CouponIdBody,
  'coupon.issue': IssueCouponBody,
} as const;

export type Request = keyof typeof FRONT_DOOR;

/** The answer to a request: its code, and the data in the columns' names. */
export interface FrontReply {
  readonly code: Code;
  readonly data?: unknown;
  /** What is wrong in particular, e.g. the path of a fault; the code's meaning stands where there is none. */
  readonly detail?: string;
}

export interface RequestContext {
  /** W3C traceparent. */
  readonly trace?: string;
}

export interface FrontDoor {
  /** Validates the body and answers; never throws. @param body parsed JSON of unknown shape */
  call(request: Request, body: unknown, context?: RequestContext): Promise<FrontReply>;
  /**
   * Takes a platform's callback as it came over HTTP and answers once it is saved.
   * @param provider which platform; undefined for the only one there is
   */
  callback(
    provider: string | undefined,
    rawBody: Uint8Array,
    signature: string | undefined,
    context?: RequestContext,
  ): Promise<FrontReply & { readonly literal?: string }>;
}

/** The envelope of every reply, over HTTP and NATS (SCHEMA, codes). */
export interface ReplyEnvelope {
  readonly success: boolean;
  readonly code: number;
  readonly message: string;
  readonly data: unknown;
}
