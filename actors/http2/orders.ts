// Checkout and what became of it.
import { PlaceOrderBody } from '../domain/schemas';
import { customerOf, requireOwn } from './access';
import { Refusal, send, success } from './envelope';
import { contextOf, documented, idParams, objectBody, pageOf, type RouteParts, type Server } from './routes';

export function orderRoutes(server: Server, { frontDoor, catalogue }: RouteParts): void {
  server.post(
    '/order',
    {
      schema: documented(
        'orders',
        'Place an order (Idempotency-Key: the same key and body give the same order)',
        PlaceOrderBody,
      ),
      validatorCompiler: () => () => true,
    },
    async (request, reply) => {
      const customer = await customerOf(request);
      const body = objectBody(request);
      if (body['userId'] !== undefined) requireOwn(customer, body['userId']);
      const answer = await frontDoor.call(
        'order.place',
        withKey(body, request.headers['idempotency-key']),
        contextOf(request),
      );
      if (answer.code === 'SHOP_ORDER_PENDING') {
        void reply.header('location', `/order/${(answer.data as { orderId: string }).orderId}`);
      }
      return send(reply, answer);
    },
  );

  server.get(
    '/order',
    { schema: documented('orders', 'The orders of the customer') },
    async (request, reply) =>
      send(reply, success(await catalogue.orders(await customerOf(request), pageOf(request)))),
  );

  server.get(
    '/order/:id',
    { schema: { ...documented('orders', 'An order'), params: idParams } },
    async (request, reply) => {
      const customer = await customerOf(request);
      const answer = await frontDoor.call('order.find', { orderId: request.params.id }, contextOf(request));
      if (answer.code === 'SHOP_SUCCESS') requireOwn(customer, (answer.data as { userId: string }).userId);
      return send(reply, answer);
    },
  );

  server.post(
    '/order/:id/cancel',
    { schema: { ...documented('orders', 'Cancel an unpaid order'), params: idParams } },
    async (request, reply) => {
      const customer = await customerOf(request);
      const body = { orderId: request.params.id };
      const found = await frontDoor.call('order.find', body, contextOf(request));
      if (found.code !== 'SHOP_SUCCESS') return send(reply, found);
      requireOwn(customer, (found.data as { userId: string }).userId);
      return send(reply, await frontDoor.call('order.cancel', body, contextOf(request)));
    },
  );
}

function withKey(body: Readonly<Record<string, unknown>>, header: string | string[] | undefined): unknown {
  if (header === undefined) return body;
  if (body['requestKey'] !== undefined && body['requestKey'] !== header) {
    throw new Refusal('SHOP_REQUEST_PARAMETER_VALID', 'Idempotency-Key and requestKey differ');
  }
  return { ...body, requestKey: header };
}
