// The body of an event as a stream delivers it: any bytes that somebody had published there.
import { Compile } from 'typebox/compile';
import type { Tag } from '../actors/domain/events';
import { EVENT_BODIES } from '../actors/domain/schemas';

export type Body = Readonly<Record<string, unknown>>;

const validators = {
  order_confirm: Compile(EVENT_BODIES.order_confirm),
  order_cancel: Compile(EVENT_BODIES.order_cancel),
  pay_status: Compile(EVENT_BODIES.pay_status),
  pay_refund: Compile(EVENT_BODIES.pay_refund),
};

/** @returns the body, or what is wrong with it */
export function parseBody(tag: Tag, text: string): Body | string {
  if (text.trim() === '') return 'SHOP_MQ_MESSAGE_BODY_IS_EMPTY';
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    return 'SHOP_REQUEST_PARAMETER_VALID: not JSON';
  }
  const validator = validators[tag];
  if (validator.Check(body)) return body;
  const [first] = validator.Errors(body);
  return `SHOP_REQUEST_PARAMETER_VALID: ${first ? `${first.instancePath || '/'} ${first.message}` : ''}`;
}
