// NATS where it is named, else the transport within this process.
import type { Logger } from 'pino';
import type { Transport } from '../actors/domain/ports/transport';
import { createInProcessTransport } from '../transport/in-process';
import { connectNats, type NatsOptions } from '../transport/nats';
import { BrokerRefusal } from '../transport/nats-refusals';
import type { Config, NatsConfig } from './config';
import { dropEmpty } from './config-sections';
import { describeRefusal } from './nats-faults';

/** What a node held when it was killed is delivered again after this long; one that lives says so in between. */
const ACK_WAIT_MS = 5_000;

export async function composeTransport(config: Config, logger: Logger): Promise<Transport> {
  const { nats } = config;
  const own = logger.child({ part: 'transport' });
  if (!nats) return createInProcessTransport({ logger: own });
  const options = { ...optionsOf(nats), name: config.nodeName, ackWaitMs: ACK_WAIT_MS, logger: own };
  return connectNats(options).catch((error: unknown) => {
    if (!(error instanceof BrokerRefusal)) throw error;
    throw new Error(describeRefusal(error, nats), { cause: error });
  });
}

/** The settings under the transport's names; what is not set is left out. */
export function optionsOf(nats: NatsConfig): Omit<NatsOptions, 'name' | 'logger'> {
  const tls = dropEmpty({ caFile: nats.ca, certFile: nats.certificate, keyFile: nats.key });
  return {
    servers: nats.servers,
    replicas: nats.replicas,
    ...dropEmpty({
      user: nats.user,
      pass: nats.password,
      token: nats.token,
      nkeySeed: nats.nkeySeed,
      credentialsFile: nats.credentials,
    }),
    ...(Object.keys(tls).length === 0 ? {} : { tls }),
  };
}
