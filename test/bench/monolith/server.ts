// The monolith's HTTP: the two routes that are measured, with tokens, schemas and signatures checked as a node does.
import jwt from '@fastify/jwt';
import { TypeBoxValidatorCompiler, type TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import Fastify, { type FastifyReply, type FastifyRequest } from 'fastify';
import { CODES } from '../../../actors/domain/codes';
import { idText, PlaceOrderBody } from '../../../actors/domain/schemas';
import { createSandboxGateway } from '../../../transport/gateways/sandbox';
import { takeNotice } from './callbacks';
import { placeOrder } from './orders';
import { demand, Refusal } from './refusal';
import { Transactions } from './transaction';

export interface MonolithOptions {
  readonly databaseUrl: string;
  readonly port: number;
  readonly jwtSecret: string;
  /** PEM: what callbacks are checked with. */
  readonly publicKey: string;
  readonly connections?: number;
}

export interface Monolith {
  close(): Promise<void>;
}

/** As many as a node's pool has. */
const CONNECTIONS = 16;
const TOKEN_CACHE = 10_000;
const BEARER = /^bearer +(\S+)$/i;

/** Starts the monolith on 127.0.0.1, over tables that are there. */
export async function startMonolith(options: MonolithOptions): Promise<Monolith> {
  const transactions = new Transactions(options.databaseUrl, options.connections ?? CONNECTIONS);
  const platform = createSandboxGateway({
    baseUrl: '',
    publicKey: options.publicKey,
    apiKey: '',
    timeoutMs: 0,
  });
  const server = Fastify({ requestTimeout: 30_000 }).withTypeProvider<TypeBoxTypeProvider>();
  server.setValidatorCompiler(TypeBoxValidatorCompiler);
  server.setErrorHandler(answerError);
  await server.register(jwt, {
    secret: options.jwtSecret,
    verify: { algorithms: ['HS256'], cache: TOKEN_CACHE },
  });
  const userOf = (request: FastifyRequest): string => {
    const token = BEARER.exec(request.headers.authorization ?? '')?.[1] ?? '';
    try {
      return server.jwt.verify<{ sub: string }>(token).sub;
    } catch {
      throw new Refusal('SHOP_UNAUTHORIZED');
    }
  };

  server.get('/readyz', () => 'ready');
  server.post('/order', { schema: { body: PlaceOrderBody } }, async (request, reply) => {
    const { body } = request;
    demand(userOf(request) === idText(body.userId), 'SHOP_FORBIDDEN');
    const data = await placeOrder(transactions, body);
    return sendJson(reply, { success: true, code: 1, message: CODES.SHOP_SUCCESS.meaning, data });
  });
  await server.register((callbacks, _options, done) => {
    callbacks.removeAllContentTypeParsers();
    callbacks.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, parsed) =>
      parsed(null, body),
    );
    callbacks.post('/pay/callbackPayment', async (request, reply) => {
      const notice = await platform.verify(
        request.body as Uint8Array,
        request.headers['x-signature'] as string,
      );
      demand(notice !== undefined, 'SHOP_PAYMENT_SIGNATURE_INVALID');
      await takeNotice(transactions, notice);
      return reply.type('text/plain; charset=utf-8').send('success');
    });
    done();
  });
  await server.listen({ port: options.port, host: '127.0.0.1' });
  return {
    close: async () => {
      await server.close();
      await transactions.close();
    },
  };
}

const sendJson = (reply: FastifyReply, answer: object): FastifyReply =>
  reply.type('application/json; charset=utf-8').send(JSON.stringify(answer));

function answerError(error: unknown, _request: FastifyRequest, reply: FastifyReply): void {
  const { statusCode, message } = error as { statusCode?: number; message: string };
  const name = error instanceof Refusal ? error.code : 'SHOP_FAIL';
  const { code, status } = CODES[name];
  if (name === 'SHOP_FAIL' && statusCode === undefined) process.stderr.write(`${String(error)}\n`);
  const answer = { success: false, code, message, data: null };
  void sendJson(reply.code(name === 'SHOP_FAIL' ? (statusCode ?? status) : status), answer);
}
