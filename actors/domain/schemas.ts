// The schemas of everything that enters, and the types they stand for. Ids and money are strings; a safe
// integer is accepted for an id on the way in (PROTOCOL).
import Type, { type Static } from 'typebox';
import { KINDS } from './envelope';
import { ID_PATTERN } from './ids';

const id = (description: string) =>
  Type.Union(
    [
      Type.String({ pattern: ID_PATTERN, description, examples: ['345959443973935104'] }),
      Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER }),
    ],
    { description },
  );

const amount = (description: string) =>
  Type.String({ pattern: '^-?[0-9]{1,8}(\\.[0-9]{1,2})?$', description, examples: ['200.00'] });

const positive = (description: string) =>
  Type.String({ pattern: '^[0-9]{1,8}(\\.[0-9]{1,2})?$', description, examples: ['200.00'] });

/**
 * PostgreSQL stores every character but NUL, and half a surrogate pair is none. The length stands here too, because
 * `maxLength` counts what a reader sees as one, and emoji that are joined to one may be thousands of characters.
 */
const characters = (least: number, most: number): string => `^[^\\u0000\\ud800-\\udfff]{${least},${most}}$`;

/** @param maxLength in characters: code points */
const text = (maxLength: number, description: string) =>
  Type.String({ minLength: 1, maxLength, pattern: characters(1, maxLength), description });

/** Chosen by a caller who may repeat himself; 0 is the key of opening balances. */
const requestKey = (description: string) =>
  Type.Union(
    [
      Type.String({ pattern: ID_PATTERN.replace('0|', ''), description, examples: ['1001'] }),
      Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER }),
    ],
    { description },
  );

const strict = { additionalProperties: false };

const LineBody = Type.Object(
  {
    goodsId: id('the goods'),
    goodsPrice: amount('the price that the customer saw'),
    goodsNumber: Type.Integer({ minimum: 1, maximum: 1_000_000, description: 'how many' }),
  },
  strict,
);

export const PlaceOrderBody = Type.Object(
  {
    userId: id('who orders'),
    goodsId: Type.Optional(LineBody.properties.goodsId),
    goodsPrice: Type.Optional(LineBody.properties.goodsPrice),
    goodsNumber: Type.Optional(LineBody.properties.goodsNumber),
    lines: Type.Optional(
      Type.Array(LineBody, {
        minItems: 1,
        maxItems: 50,
        description: 'instead of goodsId, goodsPrice and goodsNumber',
      }),
    ),
    shippingFee: amount('0 when the goods come to more than 100, else 10'),
    orderAmount: amount('price x number of all lines, plus shipping'),
    couponId: Type.Optional(id('a coupon of this user')),
    moneyPaid: Type.Optional(amount('from the wallet')),
    address: text(500, 'where to'),
    consignee: Type.Optional(text(100, 'to whom')),
    requestKey: Type.Optional(text(200, 'the same key and body give the same order (HTTP: Idempotency-Key)')),
  },
  strict,
);
export type PlaceOrderBody = Static<typeof PlaceOrderBody>;

export const OrderIdBody = Type.Object({ orderId: id('the order') }, strict);
export const PayIdBody = Type.Object({ payId: id('the payment') }, strict);
export const GoodsIdBody = Type.Object({ goodsId: id('the goods') }, strict);
export const UserIdBody = Type.Object({ userId: id('the user') }, strict);
export const CouponIdBody = Type.Object({ couponId: id('the coupon') }, strict);

export const CreatePaymentBody = Type.Object(
  {
    orderId: id('a confirmed, unpaid order'),
    payAmount: amount("the order's payAmount"),
    provider: Type.Optional(text(40, 'the platform, e.g. sandbox')),
  },
  strict,
);

/** What a platform calls back with. The signature travels in a header over HTTP and in the body over NATS. */
export const CallbackBody = Type.Object({
  payId: id('the payment'),
  orderId: Type.Optional(id('the order, if the platform knows it')),
  isPaid: Type.Boolean(),
  payAmount: amount('what arrived'),
  transactionId: text(100, "the platform's number of this movement of money"),
});

/** Over NATS the signature stands in the body; it was made over the other five members, in this order, as compact JSON. */
export const SignedCallbackBody = Type.Object(
  {
    ...CallbackBody.properties,
    signature: text(2_000, 'RSA-SHA256, base64'),
    provider: Type.Optional(text(40, 'the platform')),
  },
  strict,
);

export const CreateGoodsBody = Type.Object(
  {
    goodsId: Type.Optional(id('chosen by the caller; else the one of the requestKey')),
    requestKey: Type.Optional(requestKey('without a goodsId: the same key creates once (R14)')),
    goodsName: text(200, 'what it is called'),
    goodsPrice: positive('what one costs'),
    goodsNumber: Type.Integer({ minimum: 0, maximum: 1_000_000_000, description: 'the opening stock' }),
    goodsDesc: Type.Optional(Type.String({ maxLength: 2_000, pattern: characters(0, 2_000) })),
  },
  strict,
);
export const PriceBody = Type.Object({ goodsPrice: positive('the new price') }, strict);
export const RestockBody = Type.Object(
  {
    goodsId: id('the goods'),
    goodsNumber: Type.Integer({ minimum: 1, maximum: 1_000_000_000, description: 'how many arrived' }),
    requestKey: requestKey('the same key restocks once (R14)'),
  },
  strict,
);
export const RechargeBody = Type.Object(
  {
    userId: id('whose wallet'),
    amount: positive('how much'),
    requestKey: requestKey('the same key recharges once (R14)'),
  },
  strict,
);
export const IssueCouponBody = Type.Object(
  {
    couponId: Type.Optional(id('chosen by the caller; else the one of the requestKey')),
    requestKey: Type.Optional(
      requestKey('without a couponId: the same key issues this user one coupon (R14)'),
    ),
    userId: id('whose it is'),
    couponPrice: positive('what it is worth'),
  },
  strict,
);
export const LoginBody = Type.Object({ userId: id('the user'), password: text(200, 'the password') }, strict);
export const PageQuery = Type.Object(
  {
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 200, default: 50 })),
    after: Type.Optional(Type.String({ pattern: ID_PATTERN, description: 'the last id of the page before' })),
  },
  strict,
);

/** Bodies of events, as anyone may inject them: a hint only (R1), so more fields are no fault. */
export const EVENT_BODIES = {
  order_confirm: Type.Object({ orderId: id('the order') }),
  order_cancel: Type.Object({ orderId: id('the order') }),
  pay_status: Type.Object({ payId: id('the payment') }),
  pay_refund: Type.Object({ payId: id('the payment'), transactionId: text(100, 'the transaction') }),
} as const;

/** Texts that nodes make up of themselves: they are kept, compared and logged. */
const nodeText = (most: number) => Type.String({ pattern: `^[\\w.-]{1,${most}}$` });
const shardNumbers = Type.Array(Type.Integer({ minimum: 0 }));
const kindName = Type.Enum(KINDS);

/** What a node tells all others, several times a second: who it is, and what it holds. */
export const HeartbeatBody = Type.Object({
  deploymentId: nodeText(100),
  shards: Type.Integer({ minimum: 1 }),
  node: nodeText(40),
  incarnation: nodeText(40),
  /** Milliseconds since 1970. */
  startedMs: Type.Integer({ minimum: 0 }),
  /** `leaving`: it takes no new requests; `done`: none is under way there either. */
  state: Type.Enum(['joining', 'up', 'leaving', 'done', 'left']),
  /** Kinds whose database it cannot reach. */
  away: Type.Array(kindName),
  /** The nodes that it knows of, as text to be compared. */
  view: Type.String(),
  holds: Type.Partial(Type.Record(kindName, shardNumbers)),
});
export type Heartbeat = Static<typeof HeartbeatBody>;

/** An id as it came in (a string or a safe integer), as the string it is everywhere else. */
export const idText = (value: string | number): string => String(value);
