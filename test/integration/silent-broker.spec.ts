// A broker that hangs: its system takes connections, and nothing is ever said on them.
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import pino from 'pino';
import { openDatabase } from '../../persistence/database';
import { joinDeployments } from '../../persistence/deployment';
import { trade } from '../helpers/cli';
import { freshDatabase, type FreshDatabase } from '../helpers/servers';

jest.setTimeout(60_000);

let database: FreshDatabase;
let silent: Server;
const sockets: Socket[] = [];

beforeAll(async () => {
  database = await freshDatabase();
  const logger = pino({ level: 'silent' });
  const opened = await openDatabase({ url: database.url, dataDir: '', applicationName: 'test', logger });
  await joinDeployments([opened.reader], 64).finally(() => opened.close());
  silent = createServer((socket) => sockets.push(socket));
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
});

afterAll(async () => {
  for (const socket of sockets) socket.destroy();
  await new Promise((resolve) => silent.close(resolve));
  await database.drop();
});

it('is told in the state of a cluster, which then ends', async () => {
  const { port } = silent.address() as AddressInfo;
  const node = { env: { ...process.env, DATABASE_URL: database.url, NATS_URL: `nats://127.0.0.1:${port}` } };
  const status = JSON.parse(await trade(node, 'cluster', 'status', '--json')) as Record<string, unknown>;
  expect(status).toMatchObject({ nodes: [], broker: expect.stringContaining('TIMEOUT') as string });
});
