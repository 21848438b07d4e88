// What the files of routes have in common: the server they add to, and the parts they work with.
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type {
  FastifyBaseLogger,
  FastifyInstance,
  FastifyRequest,
  onRequestHookHandler,
  RawReplyDefaultExpression,
  RawRequestDefaultExpression,
  RawServerDefault,
} from 'fastify';
import Type from 'typebox';
import type { FrontDoor, RequestContext } from '../domain/front-door';
import { ID_PATTERN } from '../domain/ids';
import type { Catalogue, Operations, Page } from '../domain/operations';
import type { Tokens } from './access';
import type { Bridge } from './bridge';

export type HttpServer = FastifyInstance<
  RawServerDefault,
  RawRequestDefaultExpression,
  RawReplyDefaultExpression,
  FastifyBaseLogger,
  TypeBoxTypeProvider
>;

export interface RouteParts {
  readonly bridge: Bridge;
  readonly frontDoor: FrontDoor;
  readonly catalogue: Catalogue;
  readonly operations: Operations;
  readonly tokens: Tokens;
  /** The hook of routes that are for customers. */
  readonly customers: onRequestHookHandler;
}

export const IdParams = Type.Object({ id: Type.String({ pattern: ID_PATTERN }) });

const DEFAULT_LIMIT = 50;

export const pageOf = (query: { limit?: number; after?: string }): Page => ({
  limit: query.limit ?? DEFAULT_LIMIT,
  after: query.after,
});

const TRACEPARENT = /^[\da-f]{2}-[\da-f]{32}-[\da-f]{16}-[\da-f]{2}$/;

/** What the request carries besides its content; a header that is no traceparent is dropped. */
export function contextOf(request: Pick<FastifyRequest, 'headers'>): RequestContext {
  const trace = request.headers['traceparent'];
  return typeof trace === 'string' && TRACEPARENT.test(trace) ? { trace } : {};
}
