// The HTTP bridge: routes, access and envelope in front of the front door.
import fastifyStatic from '@fastify/static';
import fastifySwagger from '@fastify/swagger';
import fastifySwaggerUi from '@fastify/swagger-ui';
import { TypeBoxValidatorCompiler, type TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import Fastify, { type FastifyBaseLogger } from 'fastify';
import type { ActorSystemRef } from 'nact';
import type { Logger } from 'pino';
import type { Registry } from 'prom-client';
import { registerAccess } from './access';
import { adminRoutes } from './admin';
import { startBridge } from './bridge';
import { answerFailures } from './envelope';
import { healthRoutes, type Readiness } from './health';
import { orderRoutes } from './orders';
import { paymentRoutes } from './payments';
import type { RouteParts, Server } from './routes';
import { shopRoutes } from './shop';

export interface HttpOptions extends RouteParts {
  readonly system: ActorSystemRef;
  readonly isReady: () => Readiness;
  readonly metrics: Registry;
  readonly logger: Logger;
  /** Calls under way at most; more are answered 'busy'. */
  readonly maxInFlight: number;
  /** The folder of the shop's page. */
  readonly webRoot: string;
}

const BODY_LIMIT_BYTES = 65_536;

/** Builds the server; the caller lets it listen. Closing it ends what is under way first. */
export async function createHttpServer(options: HttpOptions): Promise<Server> {
  const { logger, system, maxInFlight } = options;
  const loggerInstance: FastifyBaseLogger = logger.child({ part: 'http' });
  const server: Server = Fastify({
    loggerInstance,
    disableRequestLogging: true,
    bodyLimit: BODY_LIMIT_BYTES,
    forceCloseConnections: 'idle',
    requestIdHeader: 'x-request-id',
  }).withTypeProvider<TypeBoxTypeProvider>();
  server.setValidatorCompiler(TypeBoxValidatorCompiler);
  // Answers are made of text that is JSON already; their schemas are for /docs.
  server.setSerializerCompiler(() => (data) => JSON.stringify(data));
  answerFailures(server);
  await registerAccess(server, options.access);
  await server.register(fastifySwagger, {
    openapi: {
      info: {
        title: 'trade-actors',
        version: '0.1.0',
        description: 'Orders and payments. Answers carry a code: see docs/CODES.md.',
      },
      components: { securitySchemes: { bearer: { type: 'http', scheme: 'bearer' } } },
      security: [{ bearer: [] }],
    },
  });
  await server.register(fastifySwaggerUi, { routePrefix: '/docs' });
  await server.register(fastifyStatic, { root: options.webRoot, wildcard: false });

  const bridge = startBridge(system, options.frontDoor, maxInFlight);
  const parts: RouteParts = { ...options, frontDoor: bridge };
  healthRoutes(server, options.isReady, options.metrics);
  orderRoutes(server, parts);
  paymentRoutes(server, parts);
  shopRoutes(server, parts);
  adminRoutes(server, parts);
  server.addHook('onClose', () => bridge.close());
  return server;
}
