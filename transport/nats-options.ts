// How we connect: for ever after the first time, with quick notice of a broker that went silent.
import {
  connect,
  credsAuthenticator,
  nkeyAuthenticator,
  type Authenticator,
  type ConnectionOptions,
  type NatsConnection,
} from 'nats';
import { readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { ToldReasons } from '../actors/domain/told-reasons';
import type { Logger } from './logger';
import { refusalOf } from './nats-refusals';
import { INBOX_PREFIX } from './subjects';
import { tlsOptions, type TlsFiles } from './nats-tls';

export interface NatsOptions {
  /** URLs. */
  readonly servers: string | readonly string[];
  /** The connection's name, as the broker lists it: the node's. */
  readonly name: string;
  readonly user?: string;
  readonly pass?: string;
  readonly token?: string;
  readonly nkeySeed?: string;
  /** The path of a credentials file. */
  readonly credentialsFile?: string;
  readonly tls?: TlsFiles;
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

/** @throws BrokerRefusal when we and the broker do not fit, or it is not there within the time */
export async function connectFirst(options: NatsOptions): Promise<NatsConnection> {
  const { servers, logger, connectWithinMs = CONNECT_WITHIN_MS } = options;
  const deadline = performance.now() + connectWithinMs;
  const toldReasons = new ToldReasons();
  for (;;) {
    try {
      const connection = await connect(clientOptions(options));
      if (toldReasons.over()) logger.info({ servers }, 'the broker is there');
      return connection;
    } catch (error) {
      // The client's own waitOnFirstConnect would wait for ever, also on a wrong password.
      const refusal = await refusalOf(error, serversOf(options));
      const isLast = performance.now() + BETWEEN_TRIES_MS > deadline;
      if (refusal.reason !== 'absent' || isLast) throw refusal;
      if (toldReasons.isNew(error)) {
        const why = String(error);
        logger.warn({ why, servers, waitedForMs: connectWithinMs }, 'the broker is not there yet');
      }
      await pause(BETWEEN_TRIES_MS);
    }
  }
}

const serversOf = ({ servers }: NatsOptions): readonly string[] =>
  typeof servers === 'string' ? [servers] : servers;

function clientOptions(options: NatsOptions): ConnectionOptions {
  const { name, user, pass, token } = options;
  const authenticator = authenticatorOf(options);
  const tls = tlsOptions(serversOf(options), options.tls);
  return {
    servers: [...serversOf(options)],
    name,
    ...(user === undefined ? {} : { user }),
    ...(pass === undefined ? {} : { pass }),
    ...(token === undefined ? {} : { token }),
    ...(authenticator === undefined ? {} : { authenticator }),
    ...(tls === undefined ? {} : { tls }),
    inboxPrefix: INBOX_PREFIX,
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
