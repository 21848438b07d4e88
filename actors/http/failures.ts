// Whatever goes wrong before, in or after a route becomes an envelope. Bad input is never a 500, and a failure of
// ours shows no internals: the log has them under the request id.
import type {
  ConnectionError,
  FastifyError,
  FastifyReply,
  FastifyRequest,
  FastifySchemaValidationError,
} from 'fastify';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Logger } from 'pino';
import { RetryableError } from '../domain/errors';
import { toEnvelope } from '../front-door/reply';
import { misfit, send } from './envelope';
import type { KnownRoutes } from './known-routes';

/** Says where the fault is as the front door says it: `/userId must be string`. */
export function formatSchemaError(errors: FastifySchemaValidationError[], part: string): Error {
  const [first] = errors;
  const path = `${part === 'body' ? '' : part}${first?.instancePath ?? ''}`;
  return new Error(`${path || '/'} ${first?.message ?? 'does not fit'}`);
}

export function createErrorHandler(logger: Logger) {
  return (error: FastifyError, request: FastifyRequest, reply: FastifyReply): FastifyReply => {
    if (error instanceof RetryableError) return send(reply, { code: 'SHOP_UNAVAILABLE' });
    const { statusCode = 500 } = error;
    if (statusCode === 413) return send(reply, { code: 'SHOP_TOO_LARGE' });
    if (statusCode === 404) return send(reply, { code: 'SHOP_NO_ROUTE' });
    if (statusCode >= 400 && statusCode < 500) return send(reply, misfit(error.message), statusCode);
    logger.error(
      { err: error, reqId: request.id, method: request.method, route: request.routeOptions.url },
      'a request failed',
    );
    return send(reply, { code: 'SHOP_FAIL' });
  };
}

/** An address that is known by other methods is 405 and names them. */
export function createNotFoundHandler(known: KnownRoutes) {
  return (request: FastifyRequest, reply: FastifyReply): FastifyReply => {
    const methods = known.methodsOf(request.url);
    if (methods.length === 0) return send(reply, { code: 'SHOP_NO_ROUTE' });
    reply.header('allow', methods.join(', '));
    return send(
      reply,
      { code: 'SHOP_NO_ROUTE', detail: `${request.method} is not possible at this address.` },
      405,
    );
  };
}

/** Addresses that no router takes: broken escapes, endless ids. */
export const answerBadAddress = (
  error: FastifyError,
  _request: FastifyRequest,
  reply: FastifyReply,
): void => {
  send(reply, misfit(error.message));
};

/** What a client expects of a server besides the answer is nothing that we do; Node alone would say so without words. */
export function answerExpectation(_request: IncomingMessage, response: ServerResponse): void {
  const body = JSON.stringify(toEnvelope(misfit('this Expect header is not met')));
  response.writeHead(417, {
    'content-type': 'application/json; charset=utf-8',
    'content-length': Buffer.byteLength(body),
    connection: 'close',
  });
  response.end(body);
}

const REASONS: Readonly<Record<string, readonly [status: string, detail: string]>> = {
  HPE_HEADER_OVERFLOW: ['431 Request Header Fields Too Large', 'the headers are too large'],
  ERR_HTTP_REQUEST_TIMEOUT: ['408 Request Timeout', 'the request did not arrive in time'],
};

/** What is no HTTP at all never reaches a route, so the socket itself is written to. */
export function answerClientError(error: ConnectionError, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy(error);
    return;
  }
  const [status, detail] = REASONS[error.code] ?? ['400 Bad Request', 'this is no HTTP request'];
  const body = JSON.stringify(toEnvelope(misfit(detail)));
  socket.end(
    `HTTP/1.1 ${status}\r\nContent-Type: application/json; charset=utf-8\r\n` +
      `Content-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
  );
}
