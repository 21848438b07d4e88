// An answer of the shop as a customer sees it, and what may be said of it.
import { CODES } from '../../actors/domain/codes';
import type { Data } from './order-body';

export interface Answer {
  /** 0: nobody has answered; `message` says why. */
  readonly status: number;
  readonly success: boolean;
  readonly code: number;
  readonly message: string;
  readonly data: Data;
  /** The body as it came, e.g. a callback's literal. */
  readonly text: string;
  /** The node that answered, or was asked last. */
  readonly node: string;
  /** How often it was sent. */
  readonly sent: number;
}

/** Nobody has answered. */
export const NOTHING: Omit<Answer, 'node' | 'sent'> = {
  status: 0,
  success: false,
  code: NaN,
  message: '',
  data: {},
  text: '',
};

/** Whatever is no envelope has code NaN. */
export function envelopeOf(text: string): Pick<Answer, 'success' | 'code' | 'message' | 'data'> {
  let read: Partial<Answer> | undefined;
  try {
    if (text.startsWith('{')) read = JSON.parse(text) as Partial<Answer>;
  } catch {
    // Half an envelope is none.
  }
  if (!read) return { ...NOTHING, message: text };
  const { success = false, code = NaN, message = '', data } = read;
  // A refusal has no data: null.
  return { success, code, message, data: data ?? {} };
}

const PENDING = CODES.SHOP_ORDER_PENDING.code;

/** Placed, but not finished in time: the customer asks again at the order's own address. */
export const isPending = (answer: Answer): boolean => answer.status === 202 && answer.code === PENDING;

/** Too much to do, or a server behind the node is away: true, but the customer was not served. */
export const isBusy = (answer: Answer): boolean => answer.status === 503 && !Number.isNaN(answer.code);

/** What no node may ever say, whatever has died: an internal failure, or something that is no answer of ours. */
export function isUntrue(answer: Answer, literal = false): boolean {
  const { status, code, text } = answer;
  if (status === 0 || isPending(answer) || isBusy(answer)) return false;
  if (literal && text === 'success') return false;
  return status >= 500 || status === 202 || Number.isNaN(code);
}

/** @throws Error with the answer unless it was a success */
export function must(answer: Answer): Answer {
  if (answer.success) return answer;
  if (answer.status === 0) throw new Error(`${answer.node} does not answer: ${answer.message}`);
  throw new Error(`Refused with ${answer.status} ${answer.code}: ${answer.message}`);
}
