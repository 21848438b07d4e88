// Who may do what: customers by a token, each for themselves only; operators by the admin token.
import { createHash, timingSafeEqual } from 'node:crypto';
import type { FastifyReply, FastifyRequest, onRequestHookHandler } from 'fastify';
import type { FrontDoor, FrontReply, RequestContext } from '../domain/front-door';
import { isId } from '../domain/ids';
import { idText } from '../domain/schemas';
import { fieldOf, misfit, send } from './envelope';
import { KnownTokens } from './known-tokens';

declare module 'fastify' {
  interface FastifyRequest {
    /** Whom the token was given to; empty on routes without one. */
    userId: string;
  }
}

/** What of the JWT plugin is used: its own verification. */
export interface Tokens {
  verify(token: string): object | string;
  sign(payload: { sub: string }): string;
}

/** The tokens that we make are good for this long. */
export const TOKEN_SECONDS = 3_600;

const MOST_KNOWN_TOKENS = 10_000;

const BEARER = /^bearer +(\S+)$/i;

const tokenOf = (request: FastifyRequest): string | undefined =>
  BEARER.exec(request.headers.authorization ?? '')?.[1];

const refuse = (reply: FastifyReply, detail: string): FastifyReply =>
  send(reply, { code: 'SHOP_UNAUTHORIZED', detail });

/** Lets customers in and puts their id into `request.userId`. */
export function customersOnly(tokens: Tokens): onRequestHookHandler {
  const known = new KnownTokens(MOST_KNOWN_TOKENS);
  return (request, reply, done) => {
    const token = tokenOf(request);
    if (token === undefined) return void refuse(reply, 'Authorization: Bearer <token> is missing.');
    const userId = known.userOf(token, Date.now());
    if (userId !== undefined) {
      request.userId = userId;
      return done();
    }
    let claims: object | string;
    try {
      claims = tokens.verify(token);
    } catch (error) {
      const hasExpired = fieldOf(error, 'code') === 'FAST_JWT_EXPIRED';
      return void refuse(reply, hasExpired ? 'The token has expired.' : 'The token is not valid.');
    }
    const subject = fieldOf(claims, 'sub');
    if (typeof subject !== 'string' || !isId(subject))
      return void refuse(reply, "The token's sub is no user id.");
    known.keep(token, subject, fieldOf(claims, 'exp'));
    request.userId = subject;
    done();
  };
}

/** Lets operators in. Both texts are hashed, so that neither length nor content shows in the time it takes. */
export function operatorsOnly(adminToken: string): onRequestHookHandler {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  const wanted = digest(adminToken);
  return (request, reply, done) => {
    if (timingSafeEqual(digest(tokenOf(request) ?? ''), wanted)) done();
    else void refuse(reply, 'No valid admin token.');
  };
}

/**
 * Refuses what is asked for another user than the token's.
 * @param claimed whom the request names
 * @returns undefined if the request is the caller's own
 */
export function refuseOthers(claimed: unknown, userId: string): FrontReply | undefined {
  // A number beyond 2^53 has lost digits already: whose it was meant to be nobody knows (fault 15).
  const isReadable = typeof claimed === 'string' || Number.isSafeInteger(claimed);
  const name = isReadable ? idText(claimed as string | number) : '';
  if (name === userId) return undefined;
  return isId(name) ? { code: 'SHOP_FORBIDDEN' } : misfit('/userId must be the id of a user');
}

/** Finds an order; another user's is refused, whatever else would be said of it. */
export async function findOwnOrder(
  frontDoor: FrontDoor,
  orderId: unknown,
  userId: string,
  context: RequestContext,
): Promise<FrontReply> {
  const order = await frontDoor.call('order.find', { orderId }, context);
  const owner = fieldOf(order.data, 'userId');
  const isOthers = owner === undefined ? order.code === 'SHOP_SUCCESS' : owner !== userId;
  return isOthers ? { code: 'SHOP_FORBIDDEN' } : order;
}
