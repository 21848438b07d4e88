// Goods for everybody; a customer's own account, coupons and token.
import { idText, LoginBody, UserIdBody } from '../domain/schemas';
import { customerOf, requireOwn, tokenFor } from './access';
import { Refusal, send, success } from './envelope';
import { contextOf, documented, idParams, pageOf, type RouteParts, type Server } from './routes';
import { Throttle } from './throttle';

export function shopRoutes(server: Server, { frontDoor, catalogue, access, demoUsers }: RouteParts): void {
  server.get('/goods', { schema: documented('shop', 'All goods') }, async (request, reply) =>
    send(reply, success(await catalogue.goods(pageOf(request)))),
  );

  server.get(
    '/goods/:id',
    { schema: { ...documented('shop', 'Goods'), params: idParams } },
    async (request, reply) =>
      send(reply, await frontDoor.call('goods.find', { goodsId: request.params.id }, contextOf(request))),
  );

  server.get(
    '/user/:id',
    { schema: { ...documented('shop', "A customer's account"), params: idParams } },
    async (request, reply) => {
      requireOwn(await customerOf(request), request.params.id);
      return send(
        reply,
        await frontDoor.call('wallet.find', { userId: request.params.id }, contextOf(request)),
      );
    },
  );

  server.get(
    '/coupon',
    { schema: documented('shop', "A customer's coupons (?userId=)") },
    async (request, reply) => {
      const customer = await customerOf(request);
      requireOwn(customer, (request.query as { userId?: string }).userId ?? customer);
      return send(reply, success(await catalogue.coupons(customer, pageOf(request))));
    },
  );

  const throttle = new Throttle(() => Date.now());
  server.post(
    '/login',
    { schema: documented('shop', 'A token for a user with a password', LoginBody) },
    async (request, reply) => {
      const userId = idText(request.body.userId);
      if (throttle.isBlocked(userId)) throw new Refusal('SHOP_TOO_MANY_REQUESTS');
      if (!(await access.verifyPassword(userId, request.body.password))) {
        throttle.failed(userId);
        throw new Refusal('SHOP_UNAUTHORIZED', 'no such user with this password');
      }
      throttle.succeeded(userId);
      return send(reply, success({ userId, token: tokenFor(server, userId) }));
    },
  );

  if (!access.demo) return;
  server.post(
    '/demo/token',
    { schema: documented('demo', 'A token for a demo user', UserIdBody) },
    (request, reply) => {
      const userId = idText(request.body.userId);
      if (!demoUsers.includes(userId)) throw new Refusal('SHOP_USER_NO_EXIST', 'there is no such demo user');
      return send(reply, success({ userId, token: tokenFor(server, userId) }));
    },
  );
}
