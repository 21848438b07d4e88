// PostgreSQL and NATS go away and come back, or lose what they had: customers get true answers meanwhile, nothing is
// lost, and no attempt is burnt (promises 3 and 5).
import { connect } from 'nats';
import { createServer } from 'node:net';
import { CODES } from '../../actors/domain/codes';
import { STREAMS } from '../../actors/domain/events';
import { Customers } from '../helpers/customers';
import { startTestNode, type TestNode } from '../helpers/node';
import { freshBooks, NodeBooks } from '../helpers/node-books';
import { freePort, startNats, startPostgres, type NatsServer, type PostgresServer } from '../helpers/servers';
import { PHONE, Shop, USER } from '../helpers/shop';
import { until } from '../helpers/until';

jest.setTimeout(120_000);

/** The first key of the locks that lease worker numbers. */
const WORKERS = 100;

let postgres: PostgresServer;
let nats: NatsServer;
let node: TestNode;
let shop: Shop;

beforeAll(async () => {
  [postgres, nats] = await Promise.all([startPostgres(), startNats()]);
  const { env } = await freshBooks(postgres.url);
  node = await startTestNode({ ...env, NATS_URL: nats.url, NODE_NAME: 'outage' });
  shop = new Shop(node);
}, 90_000);

afterAll(async () => {
  await node.remove();
  await Promise.all([postgres.stop(), nats.stop()]);
});

const isReady = (): Promise<unknown> =>
  until('the node to be ready', async () => (await shop.request('GET', '/readyz')).status === 200, 30_000);

/** The server comes and goes, so nobody stays connected. */
async function withBooks<Result>(use: (books: NodeBooks) => Promise<Result>): Promise<Result> {
  const books = await NodeBooks.open(node.env);
  try {
    return await use(books);
  } finally {
    await books.end();
  }
}

/** Customers come and go while it happens; before and after it some are served. */
async function whileCustomersCome(seed: number, happens: () => Promise<void>): Promise<void> {
  const customers = new Customers(node, seed);
  const served = async (more: number): Promise<void> => {
    const { orders } = customers.promises;
    const enough = orders.size + more;
    await until(`${more} more orders to be confirmed`, () => orders.size >= enough, 60_000);
  };
  await customers.comeDuring(async () => {
    await served(10);
    await happens();
    await served(10);
  });
  await customers.expectKept(60_000);
  expect(await shop.deadLetters()).toEqual([]);
}

describe('PostgreSQL', () => {
  const successor = async (): Promise<void> => {
    postgres = await startPostgres({ port: postgres.port, dataDir: postgres.dataDir });
  };

  it('restarts', async () => {
    await whileCustomersCome(1, async () => {
      await postgres.stop({ keepData: true });
      await successor();
    });
  });

  it('is killed', async () => {
    await whileCustomersCome(2, async () => {
      postgres.kill();
      await successor();
    });
  });

  it('is away for a while: placing says so, and nothing is half-done', async () => {
    await postgres.stop({ keepData: true });
    const answer = await shop.placeOrder([PHONE], { key: 'while away' });
    expect([202, 503]).toContain(answer.status);
    expect((await shop.request('GET', '/healthz')).status).toBe(200);
    expect((await shop.request('GET', '/readyz')).status).toBe(503);
    await successor();
    await isReady();
    expect((await shop.placeOrder([PHONE], { key: 'while away' })).status).toBe(200);
    await shop.booksAreClean(30_000);
  });

  it('is away for a while: whoever only looks, or logs in, is told to come again, and is let in after', async () => {
    await postgres.stop({ keepData: true });
    const { adminToken } = node;
    const asked = [
      ...['/goods', '/order', `/coupon?userId=${USER}`].map((path) => [path, node.token(USER)] as const),
      ...['/admin/dead-letters', '/admin/orders/stuck', '/admin/outbox'].map(
        (path) => [path, adminToken] as const,
      ),
    ];
    const answers: unknown[] = [];
    for (const [path, token] of asked) {
      const { status, code, headers } = await shop.request('GET', path, { token });
      answers.push([path, status, code, headers.has('retry-after')]);
    }
    expect(answers).toEqual(asked.map(([path]) => [path, 503, CODES.SHOP_UNAVAILABLE.code, true]));
    const login = () =>
      shop.request('POST', '/login', { body: { userId: USER, password: 'not that of anybody' } });
    for (let attempt = 0; attempt < 7; attempt += 1) expect((await login()).status).toBe(503);
    await successor();
    await isReady();
    expect((await shop.request('GET', '/goods')).status).toBe(200);
    expect((await login()).code).toBe(CODES.SHOP_UNAUTHORIZED.code);
  });

  it('has no worker number left to make ids with: the node is not ready and says why', async () => {
    const readiness = () => shop.request('GET', '/readyz');
    const [taking, ending] = await Promise.all([NodeBooks.open(node.env), NodeBooks.open(node.env)]);
    try {
      await taking.query(
        'select pg_try_advisory_lock($1, number) from generate_series(0, 1023) as number',
        [WORKERS],
        'order',
      );
      const { rows } = await ending.query<{ pid: number; number: number }>(
        `select pid, objid::int as number from pg_locks join pg_stat_activity using (pid)
         where locktype = 'advisory' and classid = $1 and objsubid = 2 and application_name like 'trade outage%'`,
        [WORKERS],
        'order',
      );
      expect(rows).toHaveLength(1);
      // The number goes to whoever waits for it when its connection ends, so the node cannot have it back.
      const last = taking.query('select pg_advisory_lock($1, $2)', [WORKERS, rows[0]?.number], 'order');
      await until('it to be waited for', async () => {
        const waiting = await ending.query(
          'select from pg_locks where classid = $1 and not granted',
          [WORKERS],
          'order',
        );
        return waiting.rowCount === 1;
      });
      await ending.query('select pg_terminate_backend($1)', [rows[0]?.pid], 'order');
      await last;
      await until('the node not to be ready', async () => (await readiness()).status === 503);
      expect((await readiness()).text).toContain('there is no worker number to make ids with');
      expect((await shop.placeOrder([PHONE])).code).toBe(80004);
    } finally {
      await Promise.all([ending.end(), taking.end()]);
    }
    await isReady();
    expect((await shop.placeOrder([PHONE])).status).toBe(200);
  });

  it('ends the connections of the node', async () => {
    await whileCustomersCome(3, async () => {
      const ended = await withBooks((books) =>
        books.everywhere<{ ended: number }>(
          `select count(pg_terminate_backend(pid))::int as ended from pg_stat_activity
           where datname = current_database() and application_name like 'trade outage%'`,
        ),
      );
      for (const each of ended) expect(each.ended).toBeGreaterThan(0);
    });
  });
});

describe('NATS', () => {
  it('is killed and comes back', async () => {
    await whileCustomersCome(4, async () => {
      nats.kill();
      nats = await startNats({ port: nats.port, storeDir: nats.storeDir });
    });
  });

  it('comes back without its disk', async () => {
    await whileCustomersCome(5, async () => {
      await nats.stop();
      nats = await startNats({ port: nats.port });
    });
  });

  it('loses both streams', async () => {
    await whileCustomersCome(6, async () => {
      const connection = await connect({ servers: nats.url });
      const manager = await connection.jetstreamManager();
      for (const stream of STREAMS) await manager.streams.delete(stream);
      await connection.close();
    });
  });

  it('is waited for by a node that starts before it', async () => {
    const port = await freePort();
    const knocked = new Promise<void>((resolve) => {
      const door = createServer((socket) => {
        socket.destroy();
        door.close(() => resolve());
      });
      door.listen(port, '127.0.0.1');
    });
    const { env } = await freshBooks(postgres.url);
    const starting = startTestNode({ ...env, NATS_URL: `nats://127.0.0.1:${port}` });
    await knocked;
    const late = await startNats({ port });
    const second = await starting;
    try {
      expect(second.logs()).toContain('the broker is not there yet');
      await new Shop(second).confirmedOrder([PHONE]);
    } finally {
      await second.remove();
      await late.stop();
    }
  });
});
