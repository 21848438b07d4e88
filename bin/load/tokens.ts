// Customers' tokens from a demo shop, asked for once each and again before they expire.
import type { ShopClient } from './shop-client';
import { must } from './answer';

export type Tokens = (userId: string) => Promise<string>;

const RENEW_BEFORE_MS = 300_000;

/** @returns what gives a token, and throws an Error if the shop gives none */
export function demoTokens(client: ShopClient): Tokens {
  const known = new Map<string, { readonly token: Promise<string>; readonly until: number }>();
  const fetchToken = async (userId: string): Promise<string> => {
    const call = { method: 'POST', path: '/demo/token', body: { userId } } as const;
    return String(must(await client.send(call)).data['token']);
  };
  return (userId) => {
    const kept = known.get(userId);
    if (kept && performance.now() < kept.until) return kept.token;
    const token = fetchToken(userId);
    known.set(userId, { token, until: performance.now() + 3_600_000 - RENEW_BEFORE_MS });
    token.catch(() => known.delete(userId));
    return token;
  };
}
