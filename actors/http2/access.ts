// Who may do what: a customer acts for himself only, by JWT; admin routes take the admin token.
import fastifyJwt from '@fastify/jwt';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { createHash, timingSafeEqual } from 'node:crypto';
import { Refusal } from './envelope';

export interface AccessOptions {
  readonly jwtSecret: string;
  readonly adminToken: string;
}

declare module '@fastify/jwt' {
  interface FastifyJWT {
    payload: { sub: string };
    user: { sub: string };
  }
}

/** Tokens that were verified are remembered, so that a customer's next request costs nothing. */
const VERIFIED_TOKENS = 10_000;
const TOKEN_LASTS = '1h';

export async function registerAccess(server: FastifyInstance, { jwtSecret }: AccessOptions): Promise<void> {
  await server.register(fastifyJwt, {
    secret: jwtSecret,
    sign: { algorithm: 'HS256', expiresIn: TOKEN_LASTS },
    verify: { algorithms: ['HS256'], cache: VERIFIED_TOKENS, requiredClaims: ['sub'] },
  });
}

export const tokenFor = (server: FastifyInstance, userId: string): string => server.jwt.sign({ sub: userId });

/** The customer who asks. @throws Refusal without a valid token */
export async function customerOf(request: FastifyRequest): Promise<string> {
  try {
    const { sub } = await request.jwtVerify<{ sub: string }>();
    return sub;
  } catch {
    throw new Refusal('SHOP_UNAUTHORIZED');
  }
}

/** @throws Refusal if this is another customer's */
export function requireOwn(customer: string, owner: unknown): void {
  if (String(owner) !== customer) throw new Refusal('SHOP_FORBIDDEN');
}

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

/** A hook for routes that only the admin may use. Digests have one length, so comparing them tells nothing. */
export function requireAdmin({ adminToken }: AccessOptions) {
  const expected = digest(`Bearer ${adminToken}`);
  return (request: FastifyRequest): Promise<void> => {
    const given = digest(request.headers.authorization ?? '');
    return timingSafeEqual(given, expected)
      ? Promise.resolve()
      : Promise.reject(new Refusal('SHOP_UNAUTHORIZED'));
  };
}
