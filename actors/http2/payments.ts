// Payments: made by the customer, told of by the platform, whose bytes go to the front door untouched.
import { CallbackBody, CreatePaymentBody } from '../domain/schemas';
import { customerOf, requireOwn } from './access';
import { Refusal, send } from './envelope';
import { contextOf, documented, idParams, objectBody, type RouteParts, type Server } from './routes';

export function paymentRoutes(server: Server, { frontDoor }: RouteParts): void {
  /** @throws Refusal unless the order is this customer's */
  const requireOwnOrder = async (customer: string, orderId: unknown): Promise<void> => {
    const found = await frontDoor.call('order.find', { orderId });
    if (found.code !== 'SHOP_SUCCESS') throw new Refusal(found.code, found.detail);
    requireOwn(customer, (found.data as { userId: string }).userId);
  };

  server.post(
    '/pay/createPayment',
    {
      schema: documented('payments', 'Make a payment, or get the open one', CreatePaymentBody),
      validatorCompiler: () => () => true,
    },
    async (request, reply) => {
      const customer = await customerOf(request);
      const body = objectBody(request);
      await requireOwnOrder(customer, body['orderId']);
      return send(reply, await frontDoor.call('payment.create', body, contextOf(request)));
    },
  );

  server.get(
    '/pay/:id',
    { schema: { ...documented('payments', 'A payment'), params: idParams } },
    async (request, reply) => {
      const customer = await customerOf(request);
      const answer = await frontDoor.call('payment.find', { payId: request.params.id }, contextOf(request));
      if (answer.code === 'SHOP_SUCCESS') {
        await requireOwnOrder(customer, (answer.data as { orderId: string }).orderId);
      }
      return send(reply, answer);
    },
  );

  void server.register((raw: Server, _options, done) => {
    // A signature is over bytes: nothing may parse and print them again.
    raw.removeAllContentTypeParsers();
    raw.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, parsed) => {
      parsed(null, body);
    });
    const summary = 'A platform says that money arrived (X-Signature over the raw body)';
    for (const path of ['/pay/callbackPayment', '/pay/callbackPayment/:provider']) {
      raw.post(
        path,
        { schema: documented('payments', summary, CallbackBody), validatorCompiler: () => () => true },
        async (request, reply) => {
          const { provider } = request.params as { provider?: string };
          const signature = request.headers['x-signature'];
          const bytes = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
          const answer = await frontDoor.callback(
            provider,
            bytes,
            typeof signature === 'string' ? signature : undefined,
            contextOf(request),
          );
          if (answer.literal === undefined) return send(reply, answer);
          return reply.type('text/plain; charset=utf-8').send(answer.literal);
        },
      );
    }
    done();
  });
}
