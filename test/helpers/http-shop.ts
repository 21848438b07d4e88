// A listening HTTP server over a scripted front door: what the routes ask is recorded, what they are told is given.
import { createHmac } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import pino, { type Logger } from 'pino';
import { Registry } from 'prom-client';
import type { FrontReply, Request, RequestContext } from '../../actors/domain/front-door';
import type { Catalogue, Operations, Page } from '../../actors/domain/operations';
import type { HttpServer } from '../../actors/http/routes';
import { createHttpServer, type HttpServerOptions } from '../../actors/http/server';

export const ALICE = '345963634385633280';
export const BOB = '345963634389827584';
export const ADMIN_TOKEN = 'admin-token-of-the-tests';
export const JWT_SECRET = 'a secret of the tests, 32 characters or more';

type Script = (body: unknown, context: RequestContext | undefined) => FrontReply | Promise<FrontReply>;
interface Callback {
  readonly provider: string | undefined;
  readonly bytes: Buffer;
  readonly signature: string | undefined;
}

export interface HttpAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The envelope; undefined where the answer is no JSON. */
  readonly json: { success: boolean; code: number; message: string; data: never } | undefined;
}

interface Ask {
  readonly token?: string | undefined;
  /** Sent as JSON. */
  readonly body?: unknown;
  /** Sent as it is. */
  readonly raw?: Uint8Array | string;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface HttpShop {
  readonly server: HttpServer;
  readonly url: string;
  readonly port: number;
  /** What the front door was asked, in this order. */
  readonly calls: { request: Request; body: unknown; context: RequestContext | undefined }[];
  readonly callbacks: Callback[];
  /** What the front door answers; whatever is not scripted is a success with the body as data. */
  readonly scripts: Partial<Record<Request, Script>>;
  onCallback: (callback: Callback) => Promise<FrontReply & { readonly literal?: string }>;
  readonly pages: { list: string; userId?: string; page: Page }[];
  /** What was logged at warn and above. */
  readonly logged: Record<string, unknown>[];
  readonly operations: { -readonly [Name in keyof Operations]: Operations[Name] };
  ask(method: string, path: string, ask?: Ask): Promise<HttpAnswer>;
  close(): Promise<void>;
}

/** A token as another login of the shop would make it. */
export function tokenOf(
  sub: string,
  options: { key?: string; algorithm?: 'HS256' | 'HS512'; expiresIn?: number } = {},
): string {
  const { key = JWT_SECRET, algorithm = 'HS256', expiresIn = 60_000 } = options;
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const exp = Math.floor((Date.now() + expiresIn) / 1_000);
  const signed = `${part({ alg: algorithm, typ: 'JWT' })}.${part({ sub, exp })}`;
  const hash = algorithm === 'HS256' ? 'sha256' : 'sha512';
  return `${signed}.${createHmac(hash, key).update(signed).digest('base64url')}`;
}

/** Starts the server on a free port. Alice owns every order. */
export async function openHttpShop(options: Partial<HttpServerOptions> = {}): Promise<HttpShop> {
  const calls: HttpShop['calls'] = [];
  const callbacks: HttpShop['callbacks'] = [];
  const pages: HttpShop['pages'] = [];
  const logged: HttpShop['logged'] = [];
  const scripts: HttpShop['scripts'] = {
    'order.find': (body) => ({ code: 'SHOP_SUCCESS', data: { ...(body as object), userId: ALICE } }),
    'payment.find': (body) => ({ code: 'SHOP_SUCCESS', data: { ...(body as object), orderId: '7' } }),
  };
  const frontDoor: HttpServerOptions['frontDoor'] = {
    async call(request, body, context) {
      calls.push({ request, body, context });
      return (scripts[request] ?? ((data): FrontReply => ({ code: 'SHOP_SUCCESS', data })))(body, context);
    },
    callback(provider, rawBody, signature) {
      const callback = { provider, bytes: Buffer.from(rawBody), signature };
      callbacks.push(callback);
      return shop.onCallback(callback);
    },
  };
  const server = await createHttpServer({
    frontDoor,
    catalogue: catalogueOf(pages),
    operations: operationsOf(() => shop.operations),
    access: {
      jwtSecret: JWT_SECRET,
      adminToken: ADMIN_TOKEN,
      demo: false,
      verifyPassword: (_userId, password) => Promise.resolve(password === 'right'),
    },
    isReady: () => ({ ready: true, reasons: [] }),
    metrics: new Registry(),
    logger: loggerTo(logged),
    demoUsers: [],
    webRoot: join(__dirname, '..', '..', 'web'),
    ...options,
  });
  await server.listen({ port: 0, host: '127.0.0.1' });
  const { port } = server.server.address() as AddressInfo;
  const url = `http://127.0.0.1:${port}`;
  const shop: HttpShop = {
    server,
    url,
    port,
    calls,
    callbacks,
    scripts,
    pages,
    logged,
    onCallback: () => Promise.resolve({ code: 'SHOP_SUCCESS', literal: 'success' }),
    operations: { ...emptyOperations },
    async ask(method, path, { token, body, raw, headers } = {}) {
      const content = raw ?? (body === undefined ? undefined : JSON.stringify(body));
      const response = await fetch(`${url}${path}`, {
        method,
        headers: {
          ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...headers,
        },
        ...(content === undefined ? {} : { body: content }),
      });
      const text = await response.text();
      const isJson = response.headers.get('content-type')?.startsWith('application/json');
      const json = isJson ? (JSON.parse(text) as HttpAnswer['json']) : undefined;
      return { status: response.status, headers: response.headers, text, json };
    },
    close: () => server.close(),
  };
  return shop;
}

function catalogueOf(pages: HttpShop['pages']): Catalogue {
  const list =
    (name: string) =>
    (...given: [Page] | [string, Page]) => {
      const [page] = given.slice(-1) as [Page];
      pages.push({ list: name, page, ...(typeof given[0] === 'string' ? { userId: given[0] } : {}) });
      return Promise.resolve([{ name }]);
    };
  return {
    goods: list('goods'),
    coupons: list('coupons'),
    orders: list('orders'),
    passwordHash: () => Promise.resolve(undefined),
  };
}

const emptyOperations: Operations = {
  order: () => Promise.resolve(undefined),
  payment: () => Promise.resolve(undefined),
  stuckOrders: (which) => Promise.resolve([{ ...which, state: 'placing overdue', gaveUp: [], retrying: [] }]),
  openRefunds: (page) => Promise.resolve([{ ...page }]),
  deadLetters: () => Promise.resolve([]),
  retrying: () => Promise.resolve([]),
  redrive: () => Promise.resolve(0),
  outbox: () => Promise.resolve({ unsent: 1, sent: 2, oldestUnsent: undefined }),
  replay: () => Promise.resolve(3),
  audit: ({ adopt }) => Promise.resolve({ clean: adopt, rules: [] }),
};

/** Asks for the operations at the time of the call, so that a test may exchange one. */
const operationsOf = (now: () => Operations): Operations => ({
  order: (id) => now().order(id),
  payment: (id) => now().payment(id),
  stuckOrders: (which) => now().stuckOrders(which),
  openRefunds: (page) => now().openRefunds(page),
  deadLetters: (limit, after) => now().deadLetters(limit, after),
  retrying: (limit, after) => now().retrying(limit, after),
  redrive: (which) => now().redrive(which),
  outbox: () => now().outbox(),
  replay: (topic, key) => now().replay(topic, key),
  audit: (options) => now().audit(options),
});

const loggerTo = (logged: Record<string, unknown>[]): Logger =>
  pino({ level: 'warn' }, { write: (line) => void logged.push(JSON.parse(line) as Record<string, unknown>) });
