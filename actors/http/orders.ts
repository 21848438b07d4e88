// Customers place, see and cancel their own orders. One order a key, however often it is sent (R15).
import Type from 'typebox';
import { FRONT_DOOR, type FrontReply } from '../domain/front-door';
import { PageQuery } from '../domain/schemas';
import { findOwnOrder, refuseOthers } from './access';
import { found, isRecord, misfit, send } from './envelope';
import { answersWith, envelopeOf, forCustomers } from './openapi';
import { contextOf, IdParams, pageOf, type HttpServer, type RouteParts } from './routes';

const KeyHeaders = Type.Object({
  'idempotency-key': Type.Optional(
    Type.String({ maxLength: 200, description: 'the same key and body give the same order' }),
  ),
});

const pending = answersWith({
  202: envelopeOf('Not finished in time: `data.orderId` and the header `location` say where to ask again'),
});

const stillPlaced = answersWith({
  202: envelopeOf(
    'Still being placed, so nothing was cancelled: `location` says where to look before you ask again',
  ),
});

export function addOrderRoutes(
  server: HttpServer,
  { bridge, frontDoor, catalogue, customers }: RouteParts,
): void {
  const onRequest = customers;

  server.post(
    '/order',
    {
      onRequest,
      schema: {
        ...forCustomers('order', 'Place an order'),
        ...pending,
        headers: KeyHeaders,
        body: FRONT_DOOR['order.place'],
      },
      // The front door checks the body with the key in it: whatever is checked here would be checked twice.
      validatorCompiler: () => (value: unknown) => ({ value }),
    },
    async (request, reply) => {
      const wish = wishOf(request.body, request.userId, request.headers['idempotency-key']);
      if ('code' in wish) return send(reply, wish);
      const context = contextOf(request);
      return send(reply, await bridge.ask(() => frontDoor.call('order.place', wish.body, context)));
    },
  );

  server.get(
    '/order',
    { onRequest, schema: { ...forCustomers('order', 'Your orders'), querystring: PageQuery } },
    async (request, reply) => {
      const page = pageOf(request.query);
      return send(reply, await bridge.ask(async () => found(await catalogue.orders(request.userId, page))));
    },
  );

  server.get(
    '/order/:id',
    { onRequest, schema: { ...forCustomers('order', 'One of your orders'), params: IdParams } },
    async (request, reply) => {
      const { params, userId } = request;
      const context = contextOf(request);
      return send(reply, await bridge.ask(() => findOwnOrder(frontDoor, params.id, userId, context)));
    },
  );

  server.post(
    '/order/:id/cancel',
    {
      onRequest,
      schema: { ...forCustomers('order', 'Cancel an unpaid order'), ...stillPlaced, params: IdParams },
    },
    async (request, reply) => {
      const { params, userId } = request;
      const context = contextOf(request);
      const cancel = async (): Promise<FrontReply> => {
        const order = await findOwnOrder(frontDoor, params.id, userId, context);
        if (order.code !== 'SHOP_SUCCESS') return order;
        return frontDoor.call('order.cancel', { orderId: params.id }, context);
      };
      return send(reply, await bridge.ask(cancel));
    },
  );
}

/** The body with the header's key in it, or why it is refused. */
function wishOf(
  body: unknown,
  userId: string,
  key: string | undefined,
): { readonly body: unknown } | FrontReply {
  if (!isRecord(body)) return misfit('/ must be object');
  const refusal = refuseOthers(body['userId'], userId);
  if (refusal) return refusal;
  if (key === undefined) return { body };
  if (body['requestKey'] !== undefined && body['requestKey'] !== key) {
    return misfit('/requestKey must equal the Idempotency-Key');
  }
  return { body: { ...body, requestKey: key } };
}
