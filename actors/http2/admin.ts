// What a shop's staff and operators do; every route takes the admin token.
import type { FastifyRequest } from 'fastify';
import Type, { type TSchema } from 'typebox';
import { STREAMS } from '../domain/events';
import type { Request } from '../domain/front-door';
import { CreateGoodsBody, IssueCouponBody, PriceBody, RechargeBody, RestockBody } from '../domain/schemas';
import { requireAdmin } from './access';
import { Refusal, send, success } from './envelope';
import { contextOf, documented, idParams, objectBody, pageOf, type RouteParts, type Server } from './routes';

const RedriveBody = Type.Object(
  {
    group: Type.Optional(Type.String()),
    tag: Type.Optional(Type.String()),
    key: Type.Optional(Type.String()),
  },
  { additionalProperties: false },
);
const ReplayBody = Type.Object(
  { topic: Type.Enum([...STREAMS]), key: Type.Optional(Type.String()) },
  { additionalProperties: false },
);

export function adminRoutes(server: Server, { frontDoor, operations, access }: RouteParts): void {
  void server.register(
    (admin: Server, _options, done) => {
      admin.addHook('onRequest', requireAdmin(access));
      const docs = <Body extends TSchema>(summary: string, body?: Body) => documented('admin', summary, body);

      /** The front door checks the body. */
      const post = (path: string, summary: string, name: Request, body: TSchema): void => {
        admin.post(
          path,
          { schema: documented('admin', summary, body), validatorCompiler: () => () => true },
          async (request, reply) =>
            send(reply, await frontDoor.call(name, objectBody(request), contextOf(request))),
        );
      };
      post('/goods', 'Create goods with an opening stock', 'goods.create', CreateGoodsBody);
      post('/stock', 'Restock, once a request key', 'goods.restock', RestockBody);
      post('/coupons', 'Issue a coupon', 'coupon.issue', IssueCouponBody);
      post('/recharge', 'Recharge a wallet, once a request key', 'wallet.recharge', RechargeBody);

      admin.patch(
        '/goods/:id',
        { schema: { ...docs('Change the price of goods', PriceBody), params: idParams } },
        async (request, reply) => {
          const body = { ...objectBody(request), goodsId: request.params.id };
          return send(reply, await frontDoor.call('goods.price', body, contextOf(request)));
        },
      );
      admin.post(
        '/orders/:id/ship',
        { schema: { ...docs('Ship a paid order'), params: idParams } },
        async (request, reply) =>
          send(reply, await frontDoor.call('order.ship', { orderId: request.params.id }, contextOf(request))),
      );
      admin.post(
        '/payments/:id/refund',
        { schema: { ...docs('Refund a paid, unshipped order by its payment'), params: idParams } },
        async (request, reply) =>
          send(
            reply,
            await frontDoor.call('payment.refund', { payId: request.params.id }, contextOf(request)),
          ),
      );

      admin.get(
        '/orders/:id',
        { schema: { ...docs('An order with its ledgers, payments and events'), params: idParams } },
        async (request, reply) => {
          const order = await operations.order(request.params.id);
          return send(reply, order ? success(order) : { code: 'SHOP_ORDER_NO_EXIST' });
        },
      );
      admin.get(
        '/payments/:id',
        { schema: { ...docs('A payment with its transactions and events'), params: idParams } },
        async (request, reply) => {
          const payment = await operations.payment(request.params.id);
          return send(reply, payment ? success(payment) : { code: 'SHOP_PAYMENT_NOT_FOUND' });
        },
      );
      admin.get(
        '/orders/stuck',
        { schema: docs('Orders half-way, or whose compensation runs or failed') },
        async (request, reply) => send(reply, success(await operations.stuckOrders(pageOf(request).limit))),
      );
      admin.get('/dead-letters', { schema: docs('Events that were given up') }, async (request, reply) => {
        const { after } = request.query as { after?: string };
        return send(reply, success(await operations.deadLetters(limitOf(request), after)));
      });
      admin.post(
        '/dead-letters/redrive',
        { schema: docs('Try given-up events again', RedriveBody) },
        async (request, reply) => send(reply, success({ redriven: await operations.redrive(request.body) })),
      );
      admin.get('/outbox', { schema: docs('How many events wait') }, async (_request, reply) =>
        send(reply, success(await operations.outbox())),
      );
      admin.post(
        '/outbox/replay',
        { schema: docs('Send kept events again', ReplayBody) },
        async (request, reply) => {
          const { topic, key } = request.body;
          return send(reply, success({ replayed: await operations.replay(topic, key) }));
        },
      );
      admin.get(
        '/audit',
        { schema: docs('Read the books and report every broken rule (?adopt=1)') },
        async (request, reply) => {
          const { adopt } = request.query as { adopt?: string };
          return send(reply, success(await operations.audit({ adopt: adopt === '1' || adopt === 'true' })));
        },
      );
      done();
    },
    { prefix: '/admin' },
  );
}

function limitOf(request: FastifyRequest): number {
  const { limit = '50' } = request.query as { limit?: string };
  const wanted = Number(limit);
  if (Number.isInteger(wanted) && wanted >= 1 && wanted <= 1_000) return wanted;
  throw new Refusal('SHOP_REQUEST_PARAMETER_VALID', 'limit must be a whole number from 1 to 1000');
}
