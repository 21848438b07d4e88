// Payments: made by customers for their own orders, told of by platforms whose bytes go on untouched, because
// their signature is over exactly these bytes.
import Type from 'typebox';
import { FRONT_DOOR, type FrontReply } from '../domain/front-door';
import { CallbackBody } from '../domain/schemas';
import { findOwnOrder } from './access';
import { fieldOf, send } from './envelope';
import { answersWith, envelopeOf, forAnybody, forCustomers } from './openapi';
import { contextOf, IdParams, type HttpServer, type RouteParts } from './routes';

const stillPlaced = answersWith({
  202: envelopeOf('The order is still being placed: `location` says where to look before you ask again'),
});

export function addPaymentRoutes(server: HttpServer, parts: RouteParts): void {
  const { bridge, frontDoor, customers } = parts;
  const onRequest = customers;

  server.post(
    '/pay/createPayment',
    {
      onRequest,
      schema: {
        ...forCustomers('payment', 'Make a payment for an order, or find the open one'),
        ...stillPlaced,
        body: FRONT_DOOR['payment.create'],
      },
    },
    async (request, reply) => {
      const body: unknown = request.body;
      const { userId } = request;
      const context = contextOf(request);
      const create = async (): Promise<FrontReply> => {
        const order = await findOwnOrder(frontDoor, fieldOf(body, 'orderId'), userId, context);
        return order.code === 'SHOP_SUCCESS' ? frontDoor.call('payment.create', body, context) : order;
      };
      return send(reply, await bridge.ask(create));
    },
  );

  server.get(
    '/pay/:id',
    { onRequest, schema: { ...forCustomers('payment', 'A payment of your order'), params: IdParams } },
    async (request, reply) => {
      const { params, userId } = request;
      const context = contextOf(request);
      const find = async (): Promise<FrontReply> => {
        const payment = await frontDoor.call('payment.find', { payId: params.id }, context);
        if (payment.code !== 'SHOP_SUCCESS') return payment;
        const order = await findOwnOrder(frontDoor, fieldOf(payment.data, 'orderId'), userId, context);
        return order.code === 'SHOP_SUCCESS' ? payment : order;
      };
      return send(reply, await bridge.ask(find));
    },
  );

  // How bodies are parsed belongs to a group of routes, so the callbacks have a group of their own.
  void server.register((callbacks: HttpServer, _options, done) => {
    addCallbackRoutes(callbacks, parts);
    done();
  });
}

const acknowledged = answersWith({
  200: {
    description: 'It is saved, or was before: the word that the platform waits for, and nothing else',
    content: { 'text/plain': { schema: Type.String({ examples: ['success'] }) } },
  },
});

const callbackSchema = {
  ...forAnybody('payment', "A platform's callback; X-Signature: RSA-SHA256 over the raw body, in base64"),
  ...acknowledged,
  headers: Type.Object({ 'x-signature': Type.Optional(Type.String()) }),
  body: CallbackBody,
};
const ProviderParams = Type.Object({ provider: Type.String({ maxLength: 40 }) });

function addCallbackRoutes(server: HttpServer, { bridge, frontDoor }: RouteParts): void {
  server.removeAllContentTypeParsers();
  server.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));

  for (const [url, schema] of [
    ['/pay/callbackPayment', callbackSchema],
    ['/pay/callbackPayment/:provider', { ...callbackSchema, params: ProviderParams }],
  ] as const) {
    server.post(url, { schema }, async (request, reply) => {
      const body: unknown = request.body;
      const bytes = body instanceof Uint8Array ? body : new Uint8Array();
      const provider = fieldOf(request.params, 'provider');
      const signature = request.headers['x-signature'];
      const context = contextOf(request);
      const answer: FrontReply & { readonly literal?: string } = await bridge.ask(() =>
        frontDoor.callback(typeof provider === 'string' ? provider : undefined, bytes, signature, context),
      );
      if (answer.literal === undefined) return send(reply, answer);
      return reply.code(200).type('text/plain; charset=utf-8').send(answer.literal);
    });
  }
}
