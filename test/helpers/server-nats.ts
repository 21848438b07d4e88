// A nats-server with JetStream, for tests that need one of their own.
import * as local from '../../bin/local-servers/nats';

export type { NatsServer } from '../../bin/local-servers/nats';
export type NatsOptions = Omit<local.NatsOptions, 'command'>;

/**
 * Starts a broker on 127.0.0.1 and waits until it answers; global-setup.ts has looked for the program.
 * @param options its `env` is added to ours
 */
export const startNats = ({ env, ...options }: NatsOptions = {}): Promise<local.NatsServer> =>
  local.startNats({
    command: process.env['TEST_NATS_SERVER'],
    ...options,
    ...(env === undefined ? {} : { env: { ...process.env, ...env } }),
  });
