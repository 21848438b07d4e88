// Who a request says to be. Only `customer` and `operator` have any right.
import { createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { signToken } from '../helpers/node';
import type { World } from './world';

export interface Secrets {
  readonly jwtSecret: string;
  readonly adminToken: string;
}

export const secretsOf = ({ node }: Pick<World, 'node'>): Secrets =>
  JSON.parse(readFileSync(join(node.dataDir, 'secrets.json'), 'utf8')) as Secrets;

const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

function made(secret: string, header: unknown, payload: unknown, algorithm = 'sha256'): string {
  const signed = `${part(header)}.${part(payload)}`;
  return `${signed}.${createHmac(algorithm, secret).update(signed).digest('base64url')}`;
}

const HS256 = { alg: 'HS256', typ: 'JWT' };

/** Tokens that open nothing, for a user whom they name; and those of a customer and of an operator. */
export function tokensOf(secrets: Secrets, userId: string) {
  const { jwtSecret, adminToken } = secrets;
  const exp = Math.floor(Date.now() / 1_000) + 36_000;
  const right = signToken(jwtSecret, userId);
  const [head, payload, signature] = right.split('.') as [string, string, string];
  return {
    customer: right,
    operator: adminToken,
    none: undefined,
    empty: '',
    garbage: 'a.b.c',
    'a word': 'undefined',
    expired: made(jwtSecret, HS256, { sub: userId, iat: 1, exp: 2 }),
    'not yet': made(jwtSecret, HS256, { sub: userId, nbf: exp, exp: exp + 10 }),
    'no algorithm': `${part({ alg: 'none', typ: 'JWT' })}.${part({ sub: userId, exp })}.`,
    'another algorithm': made(jwtSecret, { alg: 'HS512', typ: 'JWT' }, { sub: userId, exp }, 'sha512'),
    'another secret': made('another secret', HS256, { sub: userId, exp }),
    'no secret': made('', HS256, { sub: userId, exp }),
    'another user inside': `${head}.${part({ sub: '1', exp })}.${signature}`,
    'no signature': `${head}.${payload}.`,
    'no subject': made(jwtSecret, HS256, { exp }),
    'a subject that is no id': made(jwtSecret, HS256, { sub: `${userId}' or 1=1`, exp }),
    'subjects in a list': made(jwtSecret, HS256, { sub: [userId], exp }),
    'half an admin token': adminToken.slice(0, -1),
    'an admin token and more': `${adminToken}x`,
  } as const;
}

export type TokenName = keyof ReturnType<typeof tokensOf>;
