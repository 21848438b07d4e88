// NATS where it is named, else the transport within this process.
import type { Logger } from 'pino';
import type { Transport } from '../actors/domain/ports';
import { createInProcessTransport } from '../transport/in-process';
import { connectNats } from '../transport/nats';
import type { Config } from './config';

export async function composeTransport(config: Config, logger: Logger): Promise<Transport> {
  const { nats } = config;
  const own = logger.child({ part: 'transport' });
  if (!nats) return createInProcessTransport({ logger: own });
  return connectNats({ ...nats, name: config.nodeName, logger: own });
}
