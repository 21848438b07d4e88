// Every HTTP answer, also every failure, is the envelope { success, code, message, data } with the status of its code.
import type { FastifyError, FastifyInstance, FastifyReply } from 'fastify';
import { CODES, type Code } from '../domain/codes';
import type { FrontReply } from '../domain/front-door';
import { toEnvelope } from '../front-door/reply';

/** A caller that has to wait is told for how long, in seconds. */
const RETRY_AFTER_S = '1';

/** A request that is refused before it reaches the front door. */
export class Refusal extends Error {
  constructor(
    readonly code: Code,
    readonly detail?: string,
  ) {
    super(detail ?? code);
    this.name = 'Refusal';
  }
}

export function send(reply: FastifyReply, answer: FrontReply): FastifyReply {
  const { status } = CODES[answer.code];
  if (status === 503 || status === 429) void reply.header('retry-after', RETRY_AFTER_S);
  return reply
    .status(status)
    .type('application/json; charset=utf-8')
    .send(JSON.stringify(toEnvelope(answer)));
}

export const success = (data: unknown): FrontReply => ({ code: 'SHOP_SUCCESS', data });

/** What Fastify itself refuses, and what breaks, in the envelope too. */
export function answerFailures(server: FastifyInstance): void {
  server.setNotFoundHandler((_request, reply) => send(reply, { code: 'SHOP_NO_ROUTE' }));
  server.setErrorHandler((error: FastifyError | Refusal, request, reply) => {
    if (error instanceof Refusal) {
      return send(reply, {
        code: error.code,
        ...(error.detail === undefined ? {} : { detail: error.detail }),
      });
    }
    const status = error.statusCode ?? 500;
    if (status === 413) return send(reply, { code: 'SHOP_TOO_LARGE' });
    if (status < 500) return send(reply, { code: 'SHOP_REQUEST_PARAMETER_VALID', detail: error.message });
    request.log.error({ err: error }, 'a request failed');
    return send(reply, { code: status === 503 ? 'SHOP_BUSY' : 'SHOP_FAIL' });
  });
}
