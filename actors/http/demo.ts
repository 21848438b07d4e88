// Tokens without a password for the demo's users. These routes exist in a demo only.
import { TypeBoxValidatorCompiler } from '@fastify/type-provider-typebox';
import Type from 'typebox';
import { idText, UserIdBody } from '../domain/schemas';
import { TOKEN_SECONDS } from './access';
import { found, send } from './envelope';
import { forAnybody } from './openapi';
import type { HttpServer, RouteParts } from './routes';

const TokenBody = Type.Partial(UserIdBody);

export function addDemoRoutes(
  server: HttpServer,
  { tokens, demoUsers }: Pick<RouteParts, 'tokens'> & { readonly demoUsers: readonly string[] },
): void {
  server.post(
    '/demo/token',
    {
      schema: {
        ...forAnybody('demo', 'Get a token of a demo user, the first one if none is named'),
        body: TokenBody,
      },
      validatorCompiler: TypeBoxValidatorCompiler,
    },
    (request, reply) => {
      const userId = request.body.userId === undefined ? demoUsers[0] : idText(request.body.userId);
      if (userId === undefined || !demoUsers.includes(userId)) {
        return send(reply, { code: 'SHOP_USER_NO_EXIST', detail: 'There is no such demo user.' });
      }
      return send(reply, found({ userId, token: tokens.sign({ sub: userId }), expiresIn: TOKEN_SECONDS }));
    },
  );
}
