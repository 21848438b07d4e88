// A payment platform of its own, for demos and tests: it plays a third party, so it shares no code with the
// shop. What it was told and what it took survive kill -9; a shop that does not answer is told again.
import Fastify, { LogController, type FastifyBaseLogger } from 'fastify';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { Logger } from 'pino';
import { listenAt } from '../listen';
import { Callbacks, REPEAT_AFTER_MS } from './callbacks';
import { openKeys, sandboxFolder } from './keys';
import { Ledger } from './ledger';
import { merchantRoutes } from './merchant-routes';
import { payerRoutes } from './payer-routes';

export interface SandboxOptions {
  /** 0 takes any free port. */
  readonly port: number;
  readonly host?: string;
  /** The address under which payers reach it, where that is another than host and port. */
  readonly publicUrl?: string;
  /** Keys and ledger lie in its folder `sandbox`. */
  readonly dataDir: string;
  /** Where callbacks go, unless a payment names its own address; of several, each attempt goes to the next. */
  readonly callbackUrl: string | readonly string[];
  readonly logger: Logger;
  /** The pauses before each callback; the last one counts for all that follow, for a day. */
  readonly repeatAfterMs?: readonly number[];
}

export interface Sandbox {
  readonly url: string;
  /** PEM: what callbacks are checked with. */
  readonly publicKey: string;
  /** The `x-sandbox-key` of merchants' calls. */
  readonly apiKey: string;
  close(): Promise<void>;
}

/** Starts the platform and resumes the callbacks that were not acknowledged. */
export async function startSandbox(options: SandboxOptions): Promise<Sandbox> {
  const { port, host = '127.0.0.1', dataDir, callbackUrl, logger, repeatAfterMs = REPEAT_AFTER_MS } = options;
  const { sign, apiKey, publicKey } = openKeys(dataDir);
  const ledger = new Ledger(join(sandboxFolder(dataDir), 'ledger.jsonl'));
  const callbacks = new Callbacks({
    ledger,
    sign,
    callbackUrls: [callbackUrl].flat(),
    repeatAfterMs,
    logger,
  });
  const loggerInstance: FastifyBaseLogger = logger;
  const server = Fastify({
    loggerInstance,
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: 16_384,
    // Coercion would let an id that is a JSON number through, with its last digits lost.
    ajv: { customOptions: { coerceTypes: false } },
  });
  // Fastify logs no failures either when it logs no requests.
  server.addHook('onError', async (_request, _reply, error) => {
    if ((error.statusCode ?? 500) >= 500) logger.error({ err: error }, 'the sandbox could not answer');
  });
  server.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string' }, readForm);

  let url = options.publicUrl ?? '';
  merchantRoutes(server, { ledger, apiKey, payUrl: (payId) => `${url}/pay/${encodeURIComponent(payId)}` });
  payerRoutes(server, { ledger, callbacks });

  const close = async (): Promise<void> => {
    await callbacks.stop();
    await server.close();
    ledger.end();
  };
  try {
    await listenAt(server, { port, host }, 'SANDBOX_PORT');
  } catch (error) {
    await close();
    throw error;
  }
  const own = `http://${host.includes(':') ? `[${host}]` : host}:${(server.server.address() as AddressInfo).port}`;
  if (url === '') url = own;
  for (const transaction of ledger.unacknowledged()) {
    const payment = ledger.payment(transaction.payId);
    if (payment !== undefined) callbacks.start(payment, transaction);
  }
  return { url, publicKey, apiKey, close };
}

/** Reads a form. `curl -d` calls JSON a form unless it is told otherwise, so that is read as what it is. */
function readForm(
  _request: unknown,
  body: string | Buffer,
  done: (error: Error | null, members?: unknown) => void,
): void {
  const text = body.toString();
  if (!text.startsWith('{')) {
    done(null, Object.fromEntries(new URLSearchParams(text)));
    return;
  }
  try {
    done(null, JSON.parse(text));
  } catch {
    done(Object.assign(new Error('the body is no JSON'), { statusCode: 400 }));
  }
}
