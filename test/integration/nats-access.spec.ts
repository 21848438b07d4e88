// What the configuration says of users and tokens reaches the broker.
import { pino } from 'pino';
import { composeTransport } from '../../bin/compose-transport';
import { loadConfig } from '../../bin/config';
import { startNats } from '../helpers/servers';

const logger = pino({ level: 'silent' });

const configOf = (url: string, given: Record<string, string>) =>
  loadConfig({}, { NATS_URL: url, DATABASE_URL: 'postgres://127.0.0.1/none', ...given }, { serving: false });

describe('a broker that asks who is there', () => {
  it.each([
    [['--user', 'shop', '--pass', 'secret'], { NATS_USER: 'shop', NATS_PASSWORD: 'secret' }],
    [['--auth', 'secret'], { NATS_TOKEN: 'secret' }],
  ])('%j lets in with %j only', async (args, given) => {
    const server = await startNats({ args });
    try {
      await expect(composeTransport(configOf(server.url, {}), logger)).rejects.toMatchObject({
        code: 'AUTHORIZATION_VIOLATION',
      });
      const transport = await composeTransport(configOf(server.url, given), logger);
      expect(transport.isConnected()).toBe(true);
      await transport.close(1_000);
    } finally {
      await server.stop();
    }
  });
});
