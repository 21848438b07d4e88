// Why a broker and we do not come together, told from what the client throws, which is another thing for each cause.
import { ErrorCode, NatsError } from 'nats';
import { greeting } from './nats-greeting';

export type RefusalReason =
  /** Nobody answers there, or not in time: the only one that may get better by waiting. */
  | 'absent'
  /** User, password, token, nkey or credentials are missing or wrong. */
  | 'credentials'
  /** We do not trust the broker's certificate. */
  | 'broker certificate'
  /** The broker wants a certificate of ours, and has none or does not trust it. */
  | 'client certificate'
  /** We ask for TLS, and the broker offers none. */
  | 'no TLS';

export class BrokerRefusal extends Error {
  constructor(
    readonly reason: RefusalReason,
    cause: unknown,
  ) {
    super((cause as Error).message, { cause });
    this.name = 'BrokerRefusal';
  }
}

const NO_SUCH_OPTION: string = ErrorCode.ServerOptionNotAvailable;
const TIMEOUT: string = ErrorCode.Timeout;

/** @param servers as URLs */
export async function refusalOf(error: unknown, servers: readonly string[]): Promise<BrokerRefusal> {
  return new BrokerRefusal(await reasonOf(error, servers), error);
}

async function reasonOf(error: unknown, servers: readonly string[]): Promise<RefusalReason> {
  const code = (error as { code?: unknown }).code;
  if (error instanceof NatsError) {
    if (error.isAuthError()) return 'credentials';
    if (error.code === NO_SUCH_OPTION) return 'no TLS';
  } else if (typeof code === 'string') {
    if (/ALERT.*CERT/.test(code)) return 'client certificate';
    if (/CERT|VERIFY|INVALID_CA|HOSTNAME/.test(code)) return 'broker certificate';
  }
  // In TLS 1.3 a client is done before the broker has looked at its certificate, and what the broker says then is
  // lost in the client, which only waits.
  if (code === TIMEOUT && (await wantCertificates(servers))) return 'client certificate';
  return 'absent';
}

async function wantCertificates(servers: readonly string[]): Promise<boolean> {
  const greetings = await Promise.allSettled(
    servers.map((server) => {
      const { hostname, port } = new URL(server);
      return greeting(hostname.replace(/^\[|\]$/g, ''), Number(port || 4222));
    }),
  );
  return greetings.some((one) => one.status === 'fulfilled' && one.value.tls_verify === true);
}
