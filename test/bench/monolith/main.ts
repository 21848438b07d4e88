// The yardstick: what one would write first, a plain server with one SQL transaction an order over the same tables. It
// repeats nothing, remembers no request and tells nobody, so it is no rival: it shows what those promises cost.
import { openKeys } from '../../../bin/sandbox/keys';
import { keptSecrets } from '../../../bin/secrets';
import { startMonolith } from './server';

const { PORT, DATABASE_URL = '', DATA_DIR = '' } = process.env;

const starting = startMonolith({
  databaseUrl: DATABASE_URL,
  port: Number(PORT),
  jwtSecret: keptSecrets(DATA_DIR).jwtSecret,
  publicKey: openKeys(DATA_DIR).publicKey,
});
process.once('SIGTERM', () => void starting.then((monolith) => monolith.close()));
