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
import { Admission, type FrontAdmission } from '../front-door/admission';
import { MOST_BODY_BYTES } from '../front-door/text-door';
import { customersOnly, operatorsOnly, TOKEN_SECONDS, type Tokens } from './access';
import { addAdminRoutes } from './admin';
import { startBridge, type Bridge } from './bridge';
import { boundConnections, boundOperators } from './bounds';
import { addDemoRoutes } from './demo';
import {
  answerBadAddress,
  answerClientError,
  answerExpectation,
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
import { cutOffWhoDoesNotRead } from './unread-answers';
import { readUnreadBodies } from './unread-bodies';
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
  /** The places of requests under way; who finds none is answered SHOP_BUSY (promise 7). */
  readonly admission?: FrontAdmission;
  /** The most connections that are served; those beyond are answered SHOP_BUSY and closed. */
  readonly mostConnections?: number;
  /** How long nothing of an answer may be taken. */
  readonly readWithinMs?: number;
  /** The most requests of operators under way. */
  readonly mostOperators?: number;
  /** Hears of everyone who was answered SHOP_BUSY here and not by `admission`. */
  readonly onBusy?: (place: 'connections' | 'operators') => void;
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
const HEADERS_TIMEOUT_MS = 10_000;
/** How often Node looks for senders that are too slow. */
const LOOK_EVERY_MS = 5_000;
/** Longer than what is usual in front of a shop, so that it is the other side that closes an idle connection. */
const KEEP_ALIVE_MS = 72_000;
const MOST_IN_FLIGHT = 2_000;
const MOST_CONNECTIONS = 5_000;
/** They read many tables at once, past the bridge, so that they see something while customers flood it. */
const MOST_OPERATORS = 16;
/** After the drain, answers on their way have this long to leave. */
const LAST_WORDS_MS = 1_000;

/**
 * Builds the server; it listens when its `listen` is called. Its `close` refuses new work, lets what is under way
 * end and then closes every connection.
 */
export async function createHttpServer(options: HttpServerOptions): Promise<HttpServer> {
  const { access, logger, system, admission = new Admission(MOST_IN_FLIGHT), onBusy } = options;
  if (!access.adminToken) throw new Error('the admin token is missing');
  const bridge = startBridge({ admission, logger, ...(system ? { system } : {}) });
  const server = newServer(options);
  const isLeaving = (): boolean => bridge.isStopping || (options.isLeaving?.() ?? false);
  readUnreadBodies(server);
  cutOffWhoDoesNotRead(server, options.readWithinMs);
  sendClientsAway(server, isLeaving);
  boundConnections(server, options.mostConnections ?? MOST_CONNECTIONS, () => onBusy?.('connections'));
  closeInTime(server, bridge, options);
  const known = new KnownRoutes();
  server.addHook('onRoute', ({ url, method }) => known.add(url, method));
  server.setErrorHandler(createErrorHandler(logger));
  server.setNotFoundHandler(createNotFoundHandler(known));
  server.decorateRequest('userId', '');

  await server.register(jwt, {
    secret: access.jwtSecret,
    sign: { algorithm: 'HS256', expiresIn: TOKEN_SECONDS },
    verify: { algorithms: ['HS256'] },
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
  const operators = new Admission<'operators'>(options.mostOperators ?? MOST_OPERATORS, onBusy);
  await addOperators(server, parts, access.adminToken, operators);
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
    bodyLimit: bodyLimitBytes ?? MOST_BODY_BYTES,
    requestTimeout: REQUEST_TIMEOUT_MS,
    keepAliveTimeout: KEEP_ALIVE_MS,
    http: {
      headersTimeout: HEADERS_TIMEOUT_MS,
      connectionsCheckingInterval: LOOK_EVERY_MS,
      // We have one name only, and Node would refuse without an envelope.
      requireHostHeader: false,
    },
    // While it closes, the bridge answers SHOP_BUSY in an envelope.
    return503OnClosing: false,
    trustProxy: trustProxy ?? false,
    schemaErrorFormatter: formatSchemaError,
    frameworkErrors: answerBadAddress,
    clientErrorHandler: answerClientError,
  }).withTypeProvider<TypeBoxTypeProvider>();

  server.server.on('checkExpectation', answerExpectation);

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

async function addOperators(
  server: HttpServer,
  parts: RouteParts,
  adminToken: string,
  admission: Admission<'operators'>,
): Promise<void> {
  await server.register(
    (admin: HttpServer, _options, done) => {
      admin.addHook('onRequest', operatorsOnly(adminToken));
      boundOperators(admin, admission);
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
