// What the groups of routes share: the server with its types, what stands behind it, and small readers.
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { FastifyBaseLogger, FastifyInstance, FastifyRequest, RawServerDefault } from 'fastify';
import type { IncomingMessage, ServerResponse } from 'node:http';
import Type, { type TSchema } from 'typebox';
import type { FrontDoor, RequestContext } from '../domain/front-door';
import { ID_PATTERN, isId } from '../domain/ids';
import type { Catalogue, Operations } from '../domain/operations';
import type { AccessOptions } from './access';
import { Refusal } from './envelope';

export type Server = FastifyInstance<
  RawServerDefault,
  IncomingMessage,
  ServerResponse,
  FastifyBaseLogger,
  TypeBoxTypeProvider
>;

export interface RouteParts {
  readonly frontDoor: FrontDoor;
  readonly catalogue: Catalogue;
  readonly operations: Operations;
  readonly access: AccessOptions & {
    readonly demo: boolean;
    readonly verifyPassword: (userId: string, password: string) => Promise<boolean>;
  };
  readonly demoUsers: readonly string[];
}

export const idParams = Type.Object({ id: Type.String({ pattern: ID_PATTERN, description: 'the id' }) });

/** For routes whose body the front door checks itself, so that it is checked once: the schema is for /docs. */
export const documented = <Body extends TSchema>(tag: string, summary: string, body?: Body) => ({
  tags: [tag],
  summary,
  ...(body ? { body } : {}),
  response: { default: ENVELOPE },
});

const ENVELOPE = Type.Object(
  {
    success: Type.Boolean(),
    code: Type.Integer({ description: 'see docs/CODES.md' }),
    message: Type.String(),
    data: Type.Unknown(),
  },
  { title: 'Envelope' },
);

/** The W3C trace context that a request came with. */
export function contextOf(request: FastifyRequest): RequestContext {
  const { traceparent } = request.headers;
  return typeof traceparent === 'string' ? { trace: traceparent } : {};
}

/** The members of a JSON object body. @throws Refusal if it is none */
export function objectBody(request: FastifyRequest): Readonly<Record<string, unknown>> {
  const { body } = request;
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    throw new Refusal('SHOP_REQUEST_PARAMETER_VALID', 'the body must be a JSON object');
  }
  return body as Readonly<Record<string, unknown>>;
}

/** `?limit=&after=`. @throws Refusal if they are no number and no id */
export function pageOf(request: FastifyRequest): { limit: number; after: string | undefined } {
  const { limit = '50', after } = request.query as { limit?: string; after?: string };
  const wanted = Number(limit);
  if (!Number.isInteger(wanted) || wanted < 1 || wanted > 200) {
    throw new Refusal('SHOP_REQUEST_PARAMETER_VALID', 'limit must be a whole number from 1 to 200');
  }
  if (after !== undefined && !isId(after)) {
    throw new Refusal('SHOP_REQUEST_PARAMETER_VALID', 'after must be an id');
  }
  return { limit: wanted, after };
}
