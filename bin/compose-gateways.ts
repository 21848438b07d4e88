// The payment platforms: the sandbox, served by this process or another, and only in a demo.
import type { Logger } from 'pino';
import type { PaymentGateway } from '../actors/domain/ports/payment-gateway';
import { createSandboxGateway } from '../transport/gateways/sandbox';
import { callbackUrlOf } from './callback-url';
import { ConfigError, type Config } from './config';
import { localUrl } from './local-url';
import { hasKeys, openKeys, sandboxFolder } from './sandbox/keys';
import { startSandbox } from './sandbox/server';
import type { Stops } from './stops';

const TIMEOUT_MS = 5_000;

/**
 * A node with keys of its own would be refused at the platform of another process, and would refuse its callbacks.
 * @throws ConfigError if the platform is another process's and its keys are not there
 */
export function expectGatewayKeys({ sandbox, dataDir }: Config): void {
  if (sandbox?.port !== 0 || hasKeys(dataDir)) return;
  throw new ConfigError([
    `SANDBOX_URL is another process's sandbox, whose keys are not in ${sandboxFolder(dataDir)}: ` +
      'use its DATA_DIR, or copy its folder sandbox from there',
  ]);
}

/** Starts the sandbox if this process serves it. @returns the gateways by the names of their platforms */
export async function composeGateways(
  config: Config,
  logger: Logger,
  stops: Stops,
): Promise<ReadonlyMap<string, PaymentGateway>> {
  const { sandbox, dataDir, http } = config;
  if (!sandbox) return new Map();
  if (sandbox.port !== 0) {
    const platform = await startSandbox({
      port: sandbox.port,
      host: http.host,
      publicUrl: sandbox.publicUrl,
      dataDir,
      callbackUrl: callbackUrlOf(localUrl(http.host, http.port)),
      logger: logger.child({ part: 'sandbox' }),
    });
    stops.add('sandbox', () => platform.close());
  }
  // The platform's keys lie in DATA_DIR, whichever process serves it.
  const { publicKey, apiKey } = openKeys(dataDir);
  const gateway = createSandboxGateway({ baseUrl: sandbox.url, publicKey, apiKey, timeoutMs: TIMEOUT_MS });
  return new Map([[gateway.provider, gateway]]);
}
