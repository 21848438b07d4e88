// The HTTP server: joins the routes, the rules of access and the bridge. Everything it needs is handed in.
import jwt from '@fastify/jwt';
import fastifyStatic from '@fastify/static';
import { TypeBoxValidatorCompiler, type TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import Fastify, { LogController, type FastifyBaseLogger } from 'fastify';
import type { ActorSystemRef } from 'nact';
import { randomBytes } from 'node:crypto';
import type { Logger } from 'pino';
import type { Registry } from 'prom-client';
import type { FrontDoor } from '../domain/front-door';
import type { Catalogue, Operations } from '../domain/operations';
import { customersOnly, operatorsOnly, TOKEN_SECONDS, type Tokens } from './access';
import { addAdminRoutes } from './admin';
import { startBridge, type Bridge } from './bridge';
import { addDemoRoutes } from './demo';
import {
  answerBadAddress,
  answerClientError,
  createErrorHandler,
  createNotFoundHandler,
  formatSchemaError,
} from './failures';
import { addGoodsRoutes } from './goods';
import { addHealthRoutes, type Readiness } from './health';
import { KnownRoutes } from './known-routes';
import { addMetrics } from './metrics';
import { addDocs } from './openapi';
import { addOperationRoutes } from './operations';
import { addOrderRoutes } from './orders';
import { addPaymentRoutes } from './payments';
import type { HttpServer, RouteParts } from './routes';
import { addUserRoutes } from './users';

export interface HttpServerOptions {
  /** Where the bridge's actor lives; without one it has a system of its own. */
  readonly system?: ActorSystemRef;
  readonly frontDoor: FrontDoor;
  readonly catalogue: Catalogue;
  readonly operations: Operations;
  readonly access: {
    readonly jwtSecret: string;
    readonly adminToken: string;
    readonly demo: boolean;
    /** Must take about as long for a user that does not exist. */
    verifyPassword(userId: string, password: string): Promise<boolean>;
  };
  isReady(): Readiness;
  /** Whether the node leaves, so that clients had better go to another one. */
  isLeaving?(): boolean;
  readonly metrics: Registry;
  readonly logger: Logger;
  readonly bodyLimitBytes?: number;
  /** The most requests under way; more are answered SHOP_BUSY (promise 7). */
  readonly maxInFlight?: number;
  /** Who may have a token without a password in a demo. */
  readonly demoUsers: readonly string[];
  /** The folder of the shop's page. */
  readonly webRoot: string;
  readonly trustProxy?: boolean | string;
  /** What is under way may take this long to end when the server closes. */
  readonly drainMs?: number;
}

/** A request must have arrived after this long, or a slow sender would hold its connection for ever. */
const REQUEST_TIMEOUT_MS = 30_000;
/** After the drain, answers on their way have this long to leave. */
const LAST_WORDS_MS = 1_000;
const TOKEN_CACHE = 10_000;

/**
 * Builds the server; it listens when its `listen` is called. Its `close` refuses new work, lets what is under way
 * end and then closes every connection.
 */
export async function createHttpServer(options: HttpServerOptions): Promise<HttpServer> {
  const { access, logger, system, maxInFlight = 2_000 } = options;
  if (!access.adminToken) throw new Error('the admin token is missing');
  const bridge = startBridge({ maxInFlight, logger, ...(system ? { system } : {}) });
  const server = newServer(options);
  const isLeaving = (): boolean => bridge.isStopping || (options.isLeaving?.() ?? false);
  sendClientsAway(server, isLeaving);
  closeInTime(server, bridge, options);
  const known = new KnownRoutes();
  server.addHook('onRoute', ({ url, method }) => known.add(url, method));
  server.setErrorHandler(createErrorHandler(logger));
  server.setNotFoundHandler(createNotFoundHandler(known));
  server.decorateRequest('userId', '');

  await server.register(jwt, {
    secret: access.jwtSecret,
    sign: { algorithm: 'HS256', expiresIn: TOKEN_SECONDS },
    verify: { algorithms: ['HS256'], cache: TOKEN_CACHE },
  });
  await addDocs(server);
  addMetrics(server, options.metrics, bridge);
  addHealthRoutes(server, () => {
    const { ready, reasons } = options.isReady();
    return isLeaving() ? { ready: false, reasons: [...reasons, 'the node stops'] } : { ready, reasons };
  });

  const tokens: Tokens = server.jwt;
  const { frontDoor, catalogue, operations } = options;
  const parts = { bridge, frontDoor, catalogue, operations, tokens, customers: customersOnly(tokens) };
  addOrderRoutes(server, parts);
  addPaymentRoutes(server, parts);
  addGoodsRoutes(server, parts);
  addUserRoutes(server, { ...parts, verifyPassword: (...given) => access.verifyPassword(...given) });
  if (access.demo) addDemoRoutes(server, { tokens, demoUsers: options.demoUsers });
  await addOperators(server, parts, access.adminToken);
  await addShopPage(server, options.webRoot);
  return server;
}

function newServer({ logger, bodyLimitBytes, trustProxy }: HttpServerOptions): HttpServer {
  const loggerInstance: FastifyBaseLogger = logger;
  const prefix = randomBytes(4).toString('hex');
  let requests = 0;
  const server: HttpServer = Fastify({
    loggerInstance,
    logController: new LogController({ disableRequestLogging: true }),
    // A logger for each request costs more than it gives: what is logged names the request's id itself.
    childLoggerFactory: (parent) => parent,
    genReqId: () => `${prefix}-${(requests += 1).toString(36)}`,
    bodyLimit: bodyLimitBytes ?? 65_536,
    requestTimeout: REQUEST_TIMEOUT_MS,
    // While it closes, the bridge answers SHOP_BUSY in an envelope.
    return503OnClosing: false,
    trustProxy: trustProxy ?? false,
    schemaErrorFormatter: formatSchemaError,
    frameworkErrors: answerBadAddress,
    clientErrorHandler: answerClientError,
  }).withTypeProvider<TypeBoxTypeProvider>();

  // The front door checks bodies, so that every way in says the same; the routes check the rest. Routes whose
  // bodies do not go there have TypeBoxValidatorCompiler for themselves.
  server.setValidatorCompiler((route) =>
    route.httpPart === 'body' ? (value: unknown) => ({ value }) : TypeBoxValidatorCompiler(route as never),
  );
  server.setSerializerCompiler(() => (data) => JSON.stringify(data));

  server.removeAllContentTypeParsers();
  const parseJson = server.getDefaultJsonParser('error', 'error');
  server.addContentTypeParser('application/json', { parseAs: 'string' }, (request, body: string, done) => {
    // Clients that name a content type also where they send nothing mean no harm.
    if (body === '') done(null, undefined);
    else void parseJson(request, body, done);
  });
  return server;
}

function sendClientsAway(server: HttpServer, isLeaving: () => boolean): void {
  server.addHook('onSend', (_request, reply, payload, done) => {
    if (isLeaving()) void reply.header('connection', 'close');
    done(null, payload);
  });
}

function closeInTime(server: HttpServer, bridge: Bridge, { drainMs = 10_000 }: HttpServerOptions): void {
  let lastWords: NodeJS.Timeout | undefined;
  server.addHook('preClose', async () => {
    await bridge.stop(drainMs);
    lastWords = setTimeout(() => server.server.closeAllConnections(), LAST_WORDS_MS);
  });
  server.addHook('onClose', (_server, done) => {
    clearTimeout(lastWords);
    done();
  });
}

async function addOperators(server: HttpServer, parts: RouteParts, adminToken: string): Promise<void> {
  await server.register(
    (admin: HttpServer, _options, done) => {
      admin.addHook('onRequest', operatorsOnly(adminToken));
      addAdminRoutes(admin, parts);
      addOperationRoutes(admin, parts);
      done();
    },
    { prefix: '/admin' },
  );
}

async function addShopPage(server: HttpServer, root: string): Promise<void> {
  await server.register(fastifyStatic, {
    root,
    // One route a file: what is not there gets the envelope like any other unknown address.
    wildcard: false,
    setHeaders(reply) {
      void reply.header('content-security-policy', "default-src 'self'; img-src 'self' data:");
      void reply.header('x-content-type-options', 'nosniff').header('referrer-policy', 'no-referrer');
    },
  });
}
