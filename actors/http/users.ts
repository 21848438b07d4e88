// Customers log in and see their own wallet, points and coupons.
import { TypeBoxValidatorCompiler } from '@fastify/type-provider-typebox';
import Type from 'typebox';
import { idText, LoginBody, PageQuery, UserIdBody } from '../domain/schemas';
import { refuseOthers, TOKEN_SECONDS } from './access';
import { found, send } from './envelope';
import { LoginThrottle } from './login-throttle';
import { forAnybody, forCustomers } from './openapi';
import { contextOf, IdParams, pageOf, type HttpServer, type RouteParts } from './routes';

/** Checking a password takes memory and a thread: more than this at once must wait. */
const MOST_LOGINS = 32;

const CouponQuery = Type.Object(
  { ...PageQuery.properties, userId: UserIdBody.properties.userId },
  { additionalProperties: false },
);

export interface UserParts extends RouteParts {
  /** Takes about as long for a user that does not exist. */
  readonly verifyPassword: (userId: string, password: string) => Promise<boolean>;
}

export function addUserRoutes(server: HttpServer, parts: UserParts): void {
  const { bridge, frontDoor, catalogue, customers } = parts;
  const onRequest = customers;

  server.get(
    '/user/:id',
    { onRequest, schema: { ...forCustomers('user', 'Your wallet and points'), params: IdParams } },
    async (request, reply) => {
      const { params, userId } = request;
      const context = contextOf(request);
      const answer = refuseOthers(params.id, userId);
      return send(
        reply,
        answer ?? (await bridge.ask(() => frontDoor.call('wallet.find', { userId }, context))),
      );
    },
  );

  server.get(
    '/coupon',
    { onRequest, schema: { ...forCustomers('user', 'Your coupons'), querystring: CouponQuery } },
    async (request, reply) => {
      const { query, userId } = request;
      const read = async () => found(await catalogue.coupons(userId, pageOf(query)));
      return send(reply, refuseOthers(query.userId, userId) ?? (await bridge.ask(read)));
    },
  );

  addLogin(server, parts);
}

function addLogin(server: HttpServer, { tokens, verifyPassword }: UserParts): void {
  const throttle = new LoginThrottle();
  let underWay = 0;

  server.post(
    '/login',
    {
      schema: { ...forAnybody('user', 'Get a token for an hour'), body: LoginBody },
      validatorCompiler: TypeBoxValidatorCompiler,
    },
    async (request, reply) => {
      const userId = idText(request.body.userId);
      if (underWay >= MOST_LOGINS) return send(reply, { code: 'SHOP_BUSY' });
      if (!throttle.begin(userId, Date.now())) return send(reply, { code: 'SHOP_TOO_MANY_REQUESTS' });
      underWay += 1;
      const isRight = await verifyPassword(userId, request.body.password)
        .catch((error: unknown) => {
          throttle.takeBack(userId);
          throw error;
        })
        .finally(() => (underWay -= 1));
      if (!isRight) return send(reply, { code: 'SHOP_UNAUTHORIZED', detail: 'Wrong user or password.' });
      throttle.succeeded(userId);
      return send(reply, found({ userId, token: tokens.sign({ sub: userId }), expiresIn: TOKEN_SECONDS }));
    },
  );
}
