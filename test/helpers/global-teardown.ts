// Ends what global-setup.ts started. (When the run is killed, each server's guardian does.)
import type { Started } from './global-setup';

export default async function tearDown(): Promise<void> {
  await Promise.all(((globalThis as Started).tradeTestServers ?? []).map((server) => server.stop()));
}
