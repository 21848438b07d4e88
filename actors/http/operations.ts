// What operators see: orders and payments with all that belongs to them, dead letters, the outbox, the books.
import { TypeBoxValidatorCompiler } from '@fastify/type-provider-typebox';
import Type from 'typebox';
import { STREAMS } from '../domain/events';
import { OPEN_COMPENSATIONS } from '../domain/operations';
import { PageQuery } from '../domain/schemas';
import { found, send } from './envelope';
import { forOperators } from './openapi';
import { IdParams, pageOf, type HttpServer, type RouteParts } from './routes';

const strict = { additionalProperties: false };
const text = () => Type.Optional(Type.String({ minLength: 1, maxLength: 500, pattern: '^[^\\u0000]*$' }));
const { limit } = PageQuery.properties;

const compensation = Type.Optional(Type.Union(OPEN_COMPENSATIONS.map((name) => Type.Literal(name))));
const StuckQuery = Type.Object(
  { limit, after: PageQuery.properties.after, compensation },
  { ...strict, description: 'after: the last order id of the page before' },
);
const DeadLetterQuery = Type.Object({ limit, after: text() }, strict);
const RedriveBody = Type.Object({ group: text(), tag: text(), key: text() }, strict);
const ReplayBody = Type.Object({ topic: Type.String({ examples: [...STREAMS] }), key: text() }, strict);
const AuditQuery = Type.Object({ adopt: Type.Optional(Type.Boolean({ default: false })) }, strict);

export function addOperationRoutes(server: HttpServer, { operations }: Pick<RouteParts, 'operations'>): void {
  server.get(
    '/orders/:id',
    { schema: { ...forOperators('An order with all that belongs to it'), params: IdParams } },
    async (request, reply) => {
      const order = await operations.order(request.params.id);
      return send(reply, order ? found(order) : { code: 'SHOP_ORDER_NO_EXIST' });
    },
  );

  server.get(
    '/orders/stuck',
    {
      schema: {
        ...forOperators('Orders half-way or unpaid for too long, or not given back'),
        querystring: StuckQuery,
      },
    },
    async (request, reply) => {
      const { compensation } = request.query;
      return send(reply, found(await operations.stuckOrders({ ...pageOf(request.query), compensation })));
    },
  );

  server.get(
    '/payments/:id',
    { schema: { ...forOperators('A payment with all that belongs to it'), params: IdParams } },
    async (request, reply) => {
      const payment = await operations.payment(request.params.id);
      return send(reply, payment ? found(payment) : { code: 'SHOP_PAYMENT_NOT_FOUND' });
    },
  );

  server.get(
    '/payments/refunds',
    { schema: { ...forOperators('Money that has not gone back yet'), querystring: DeadLetterQuery } },
    async (request, reply) => send(reply, found(await operations.openRefunds(pageOf(request.query)))),
  );

  server.get(
    '/outbox',
    { schema: forOperators('How many events are sent and how many wait') },
    async (_request, reply) => send(reply, found(await operations.outbox())),
  );

  server.get(
    '/audit',
    { schema: { ...forOperators('Read the books and report every broken rule'), querystring: AuditQuery } },
    async (request, reply) =>
      send(reply, found(await operations.audit({ adopt: request.query.adopt ?? false }))),
  );

  addRepairs(server, operations);
}

function addRepairs(server: HttpServer, operations: RouteParts['operations']): void {
  server.get(
    '/dead-letters',
    { schema: { ...forOperators('Events that were given up'), querystring: DeadLetterQuery } },
    async (request, reply) => {
      const page = pageOf(request.query);
      return send(reply, found(await operations.deadLetters(page.limit, page.after)));
    },
  );

  server.get(
    '/dead-letters/retrying',
    {
      schema: { ...forOperators('Events that are tried again by themselves'), querystring: DeadLetterQuery },
    },
    async (request, reply) => {
      const page = pageOf(request.query);
      return send(reply, found(await operations.retrying(page.limit, page.after)));
    },
  );

  server.post(
    '/dead-letters/redrive',
    {
      schema: { ...forOperators('Try dead letters again: all, or those that fit'), body: RedriveBody },
      validatorCompiler: TypeBoxValidatorCompiler,
    },
    async (request, reply) => {
      const redriven = await operations.redrive(request.body);
      const isNamed = Object.keys(request.body).length > 0;
      return send(
        reply,
        redriven === 0 && isNamed ? { code: 'SHOP_MQ_DEAD_LETTER_NO_EXIST' } : found({ redriven }),
      );
    },
  );

  server.post(
    '/outbox/replay',
    {
      schema: { ...forOperators('Send kept events again: of a topic, or of one key'), body: ReplayBody },
      validatorCompiler: TypeBoxValidatorCompiler,
    },
    async (request, reply) => {
      const topic = STREAMS.find((stream) => stream === request.body.topic);
      if (!topic) return send(reply, { code: 'SHOP_MQ_TOPIC_IS_EMPTY' });
      return send(reply, found({ replayed: await operations.replay(topic, request.body.key) }));
    },
  );
}
