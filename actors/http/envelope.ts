// Every answer over HTTP is an envelope with the status of its code, whatever went wrong.
import type { FastifyReply } from 'fastify';
import { CODES } from '../domain/codes';
import type { FrontReply } from '../domain/front-door';
import { toEnvelope } from '../front-door/reply';

/** Makes an answer of data that was read. */
export const found = (data: unknown): FrontReply => ({ code: 'SHOP_SUCCESS', data });

/** Makes a refusal of a request that does not fit, with what is wrong in particular. */
export const misfit = (detail: string): FrontReply => ({ code: 'SHOP_REQUEST_PARAMETER_VALID', detail });

/**
 * Sends the envelope of an answer. It is made a text here: Fastify's serialisers would only walk it once more.
 * @param status where HTTP has a status of its own for what happened, such as 405
 */
export function send(
  reply: FastifyReply,
  answer: FrontReply,
  status: number = CODES[answer.code].status,
): FastifyReply {
  void reply.code(status).header('content-type', 'application/json; charset=utf-8');
  if (answer.code !== 'SHOP_SUCCESS') describeFailure(reply, answer, status);
  return reply.send(JSON.stringify(toEnvelope(answer)));
}

function describeFailure(reply: FastifyReply, answer: FrontReply, status: number): void {
  const { id, method, routeOptions } = reply.request;
  void reply.header('x-request-id', id);
  if (status === 503 || status === 429) void reply.header('retry-after', '1');
  if (answer.code === 'SHOP_UNAUTHORIZED') void reply.header('www-authenticate', 'Bearer');
  const orderId = answer.code === 'SHOP_ORDER_PENDING' ? fieldOf(answer.data, 'orderId') : undefined;
  if (typeof orderId === 'string') void reply.header('location', `/order/${orderId}`);
  // The front door logs what broke, but only we know the id that the customer can quote.
  if (answer.code === 'SHOP_FAIL')
    reply.log.error({ reqId: id, method, route: routeOptions.url }, 'answered SHOP_FAIL');
}

export const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A member of data of unknown shape. */
export const fieldOf = (data: unknown, name: string): unknown => (isRecord(data) ? data[name] : undefined);
