// What /docs says of the routes, from the very schemas that requests are checked against.
import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import Type from 'typebox';
import type { HttpServer } from './routes';

const Envelope = Type.Object(
  {
    success: Type.Boolean(),
    code: Type.Integer({ description: '1, or the number of what went wrong (docs/CODES.md)' }),
    message: Type.String({ description: 'the meaning of the code, or what is wrong in particular' }),
    data: Type.Unknown(),
  },
  { description: 'The envelope of every answer' },
);

/** Only for the documentation: answers are texts already, so no serialiser is made of it and no type is bound by it. */
const response: object = { 200: Envelope, '4xx': Envelope, '5xx': Envelope };

/** For a route that has answers of its own, by status. */
export const answersWith = (own: object): { readonly response: object } => ({
  response: { ...response, ...own },
});

/** The envelope, for a status that means something particular. */
export const envelopeOf = (description: string): object => ({ ...Envelope, description });

/** The documentation of a route that anybody may ask. */
export const forAnybody = (tag: string, summary: string) => ({ tags: [tag], summary, response });

/** The documentation of a route for customers with their token. */
export const forCustomers = (tag: string, summary: string) => ({
  ...forAnybody(tag, summary),
  security: [{ customer: [] }],
});

/** The documentation of a route for operators with the admin token. */
export const forOperators = (summary: string) => ({
  ...forAnybody('admin', summary),
  security: [{ operator: [] }],
});

/** Serves the documentation at /docs. Only routes that are added later are in it. */
export async function addDocs(server: HttpServer): Promise<void> {
  await server.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'trade-actors',
        description: 'Orders and payments of a shop. Ids and money are strings.',
        version: '1',
      },
      components: {
        securitySchemes: {
          customer: {
            type: 'http',
            scheme: 'bearer',
            bearerFormat: 'JWT',
            description: 'HS256; sub = userId',
          },
          operator: { type: 'http', scheme: 'bearer', description: 'ADMIN_TOKEN' },
        },
      },
    },
  });
  await server.register(swaggerUi, { routePrefix: '/docs', uiConfig: { persistAuthorization: true } });
}
