// What operators do to goods, coupons, wallets, orders and payments. Whatever makes money or stock has a key (R14).
import { TypeBoxValidatorCompiler } from '@fastify/type-provider-typebox';
import { FRONT_DOOR, type Request } from '../domain/front-door';
import { PriceBody } from '../domain/schemas';
import { send } from './envelope';
import { forOperators } from './openapi';
import { contextOf, IdParams, type HttpServer, type RouteParts } from './routes';

const CREATIONS = [
  ['/goods', 'goods.create', 'Offer new goods'],
  ['/stock', 'goods.restock', 'Restock goods, once a request key'],
  ['/coupons', 'coupon.issue', 'Issue a coupon'],
  ['/recharge', 'wallet.recharge', 'Recharge a wallet, once a request key'],
] as const satisfies readonly (readonly [url: string, request: Request, summary: string])[];

const STEPS = [
  ['/orders/:id/ship', 'order.ship', 'orderId', 'Mark a paid order as shipped'],
  ['/orders/:id/refund', 'order.refund', 'orderId', 'Refund a paid, unshipped order'],
  ['/payments/:id/refund', 'payment.refund', 'payId', 'Refund the paid, unshipped order of this payment'],
] as const satisfies readonly (readonly [url: string, request: Request, name: string, summary: string])[];

export function addAdminRoutes(server: HttpServer, { bridge, frontDoor }: RouteParts): void {
  for (const [url, request, summary] of CREATIONS) {
    const schema = { ...forOperators(summary), body: FRONT_DOOR[request] };
    server.post(url, { schema }, async (received, reply) => {
      const body: unknown = received.body;
      const context = contextOf(received);
      return send(reply, await bridge.ask(() => frontDoor.call(request, body, context)));
    });
  }

  for (const [url, request, name, summary] of STEPS) {
    const schema = { ...forOperators(summary), params: IdParams };
    server.post(url, { schema }, async (received, reply) => {
      const body = { [name]: received.params.id };
      const context = contextOf(received);
      return send(reply, await bridge.ask(() => frontDoor.call(request, body, context)));
    });
  }

  server.patch(
    '/goods/:id',
    {
      schema: { ...forOperators('Change the price of goods'), params: IdParams, body: PriceBody },
      validatorCompiler: TypeBoxValidatorCompiler,
    },
    async (request, reply) => {
      const body = { ...request.body, goodsId: request.params.id };
      const context = contextOf(request);
      return send(reply, await bridge.ask(() => frontDoor.call('goods.price', body, context)));
    },
  );
}
