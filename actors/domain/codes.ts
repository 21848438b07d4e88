// Every code an answer can carry, in order of precedence: when several apply, the first listed here wins.
// docs/CODES.md is kept identical by a test.

interface CodeEntry {
  readonly code: number;
  /** The HTTP status of an answer with this code. */
  readonly status: number;
  readonly meaning: string;
}

export const CODES = {
  SHOP_REQUEST_PARAMETER_VALID: { code: -1, status: 400, meaning: 'The request does not fit its schema.' },
  SHOP_FAIL: {
    code: 0,
    status: 500,
    meaning: 'Something broke on our side; the log has it under the request id.',
  },
  SHOP_SUCCESS: { code: 1, status: 200, meaning: 'Done.' },

  SHOP_ORDER_STATUS_UPDATE_FAIL: {
    code: 10001,
    status: 409,
    meaning: "The order's status does not allow this.",
  },
  SHOP_ORDER_SHIPPINGFEE_INVALID: {
    code: 10002,
    status: 422,
    meaning: 'The shipping fee is not what the rule says.',
  },
  SHOP_ORDERAMOUNT_INVALID: {
    code: 10003,
    status: 422,
    meaning: 'The order amount is not what the rule says.',
  },
  SHOP_ORDER_SAVE_ERROR: {
    code: 10004,
    status: 503,
    meaning: 'The order could not be saved; nothing was taken.',
  },
  SHOP_ORDER_CONFIRM_FAIL: {
    code: 10005,
    status: 409,
    meaning: 'The order could not be confirmed; all is given back.',
  },
  SHOP_ORDER_NO_EXIST: { code: 10006, status: 404, meaning: 'There is no such order.' },
  SHOP_ORDER_PENDING: {
    code: 10007,
    status: 202,
    meaning: "Not finished in time; ask again at the order's URL.",
  },
  SHOP_ORDER_KEY_CONFLICT: {
    code: 10008,
    status: 409,
    meaning: 'This Idempotency-Key was used for another order.',
  },
  SHOP_ORDER_CANCELLED: { code: 10009, status: 409, meaning: 'The order was cancelled.' },
  SHOP_ORDER_EXPIRED: {
    code: 10010,
    status: 409,
    meaning: 'The order was not paid in time and was cancelled.',
  },

  SHOP_GOODS_NO_EXIST: { code: 20001, status: 404, meaning: 'There are no such goods.' },
  SHOP_GOODS_PRICE_INVALID: { code: 20002, status: 422, meaning: 'The price has changed.' },
  SHOP_GOODS_NUM_NOT_ENOUGH: { code: 20003, status: 409, meaning: 'Not enough in stock.' },
  SHOP_REDUCE_GOODS_NUM_FAIL: { code: 20004, status: 409, meaning: 'The stock could not be taken.' },
  SHOP_REDUCE_GOODS_NUM_EMPTY: { code: 20005, status: 422, meaning: 'No quantity was given.' },
  SHOP_GOODS_EXIST: { code: 20006, status: 409, meaning: 'Goods of this id exist with other figures.' },

  SHOP_USER_IS_NULL: { code: 30001, status: 422, meaning: 'No user was given.' },
  SHOP_USER_NO_EXIST: { code: 30002, status: 404, meaning: 'There is no such user.' },
  SHOP_USER_MONEY_REDUCE_FAIL: { code: 30003, status: 409, meaning: 'The wallet money could not be taken.' },
  SHOP_USER_MONEY_REFUND_ALREADY: {
    code: 30004,
    status: 409,
    meaning: 'The wallet money was given back already.',
  },

  SHOP_COUPON_NO_EXIST: { code: 40001, status: 404, meaning: 'There is no such coupon.' },
  SHOP_COUPON_INVALIED: { code: 40002, status: 409, meaning: "The coupon is used, or another user's." },
  SHOP_COUPON_USE_FAIL: { code: 40003, status: 409, meaning: 'The coupon could not be used.' },
  SHOP_COUPON_EXIST: { code: 40004, status: 409, meaning: 'A coupon of this id exists with other figures.' },

  SHOP_MONEY_PAID_LESS_ZERO: { code: 50001, status: 422, meaning: 'The wallet money is less than zero.' },
  SHOP_MONEY_PAID_INVALID: {
    code: 50002,
    status: 409,
    meaning: 'The wallet money is more than the balance, or than is due.',
  },
  SHOP_REQUEST_KEY_CONFLICT: {
    code: 50003,
    status: 409,
    meaning: 'This request key was used with another amount.',
  },

  SHOP_MQ_TOPIC_IS_EMPTY: { code: 60001, status: 400, meaning: 'The message names no topic that we know.' },
  SHOP_MQ_MESSAGE_BODY_IS_EMPTY: { code: 60002, status: 400, meaning: 'The message has no body.' },
  SHOP_MQ_SEND_MESSAGE_FAIL: {
    code: 60003,
    status: 503,
    meaning: 'The message could not be sent; nothing is lost, try again.',
  },
  SHOP_MQ_DEAD_LETTER_NO_EXIST: { code: 60004, status: 404, meaning: 'There is no such dead letter.' },

  SHOP_PAYMENT_NOT_FOUND: { code: 70001, status: 404, meaning: 'There is no such payment.' },
  SHOP_PAYMENT_IS_PAID: { code: 70002, status: 409, meaning: 'The order is paid.' },
  SHOP_PAYMENT_PAY_ERROR: { code: 70003, status: 409, meaning: 'The order cannot be paid.' },
  SHOP_PAYMENT_SIGNATURE_INVALID: {
    code: 70004,
    status: 401,
    meaning: "The callback's signature is not the platform's.",
  },
  SHOP_PAYMENT_AMOUNT_INVALID: { code: 70005, status: 422, meaning: 'The amount is not what is due.' },
  SHOP_PAYMENT_TRANSACTION_CONFLICT: {
    code: 70006,
    status: 409,
    meaning: 'The transaction belongs to another payment.',
  },
  SHOP_PAYMENT_PLATFORM_FAIL: {
    code: 70007,
    status: 503,
    meaning: 'The payment platform does not answer; try again.',
  },

  SHOP_UNAUTHORIZED: { code: 80001, status: 401, meaning: 'No valid token.' },
  SHOP_FORBIDDEN: { code: 80002, status: 403, meaning: "The token is not this user's." },
  SHOP_BUSY: { code: 80003, status: 503, meaning: 'Too much to do; try again after Retry-After seconds.' },
  SHOP_UNAVAILABLE: { code: 80004, status: 503, meaning: 'The database or the broker is away; try again.' },
  SHOP_NO_ROUTE: { code: 80005, status: 404, meaning: 'There is no such address.' },
  SHOP_TOO_LARGE: { code: 80006, status: 413, meaning: 'The request is too large.' },
  SHOP_TOO_MANY_REQUESTS: { code: 80007, status: 429, meaning: 'Too many attempts; try again later.' },
} as const satisfies Record<string, CodeEntry>;

export type Code = keyof typeof CODES;

const RANK = new Map(Object.keys(CODES).map((name, place) => [name as Code, place]));

/** The code that wins when several apply: the first in CODES. */
export const firstOf = (codes: readonly [Code, ...Code[]]): Code =>
  codes.reduce((best, code) => ((RANK.get(code) ?? 0) < (RANK.get(best) ?? 0) ? code : best));

const BY_NUMBER = new Map(Object.entries(CODES).map(([name, entry]) => [entry.code as number, name as Code]));

/** The name of a code's number as it stands in columns and envelopes, if we know it. */
export const codeOfNumber = (number: number): Code | undefined => BY_NUMBER.get(number);
