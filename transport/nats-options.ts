// How we connect: for ever after the first time, with quick notice of a broker that went silent.
import {
  connect,
  credsAuthenticator,
  ErrorCode,
  nkeyAuthenticator,
  NatsError,
  type Authenticator,
  type ConnectionOptions,
  type NatsConnection,
} from 'nats';
import { readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import type { Logger } from './logger';

export interface NatsOptions {
  readonly servers: string | readonly string[];
  /** The connection's name, as the broker lists it: the node's. */
  readonly name: string;
  readonly user?: string;
  readonly pass?: string;
  readonly token?: string;
  readonly nkeySeed?: string;
  /** The path of a credentials file. */
  readonly credentialsFile?: string;
  readonly tls?: { readonly caFile?: string; readonly certFile?: string; readonly keyFile?: string };
  /** Of each stream and durable; 3 in a cluster. */
  readonly replicas?: number;
  /** How long a delivery may go without a sign of life before the broker delivers it again. */
  readonly ackWaitMs?: number;
  /** How long to wait for a broker that is not there yet at the start. */
  readonly connectWithinMs?: number;
  readonly logger: Logger;
}

const CONNECT_WITHIN_MS = 30_000;
const BETWEEN_TRIES_MS = 500;
const INVALID_OPTION: string = ErrorCode.InvalidOption;

/** @throws NatsError when the broker refuses us, or is not there within the time */
export async function connectFirst(options: NatsOptions): Promise<NatsConnection> {
  const deadline = performance.now() + (options.connectWithinMs ?? CONNECT_WITHIN_MS);
  for (;;) {
    try {
      return await connect(clientOptions(options));
    } catch (error) {
      // The client's own waitOnFirstConnect would wait for ever, also on a wrong password.
      if (isRefusal(error) || performance.now() + BETWEEN_TRIES_MS > deadline) throw error;
      options.logger.warn({ err: error, servers: options.servers }, 'the broker is not there yet');
      await pause(BETWEEN_TRIES_MS);
    }
  }
}

const isRefusal = (error: unknown): boolean =>
  error instanceof NatsError && (error.isAuthError() || error.code === INVALID_OPTION);

function clientOptions({ servers, name, user, pass, token, tls, ...keys }: NatsOptions): ConnectionOptions {
  const authenticator = authenticatorOf(keys);
  return {
    servers: typeof servers === 'string' ? servers : [...servers],
    name,
    ...(user === undefined ? {} : { user }),
    ...(pass === undefined ? {} : { pass }),
    ...(token === undefined ? {} : { token }),
    ...(authenticator === undefined ? {} : { authenticator }),
    ...(tls === undefined ? {} : { tls }),
    timeout: 5_000,
    maxReconnectAttempts: -1,
    // A broker that restarts may refuse us for a moment; the client would otherwise give up for good.
    ignoreAuthErrorAbort: true,
    reconnectTimeWait: 250,
    reconnectJitter: 250,
    pingInterval: 10_000,
    maxPingOut: 2,
    // A stack trace for each request costs more than the request.
    noAsyncTraces: true,
  };
}

function authenticatorOf({
  nkeySeed,
  credentialsFile,
}: Pick<NatsOptions, 'nkeySeed' | 'credentialsFile'>): Authenticator | undefined {
  if (credentialsFile !== undefined) return credsAuthenticator(readFileSync(credentialsFile));
  return nkeySeed === undefined ? undefined : nkeyAuthenticator(Buffer.from(nkeySeed));
}
