// The servers that the tests run on are real, new enough, and keep what they were given when they are killed.
import { existsSync } from 'node:fs';
import { connect, type NatsConnection } from 'nats';
import { Client } from 'pg';
import { freePort, freshDatabase, natsUrl, startNats, startPostgres, until } from '../helpers/servers';

async function ask<Row>(url: string, sql: string): Promise<Row[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(sql)).rows as Row[];
  } finally {
    await client.end();
  }
}

async function withNats<Result>(url: string, use: (connection: NatsConnection) => Promise<Result>) {
  const connection = await connect({ servers: url });
  try {
    return await use(connection);
  } finally {
    await connection.close();
  }
}

describe('PostgreSQL', () => {
  it('is 15 or later', async () => {
    const database = await freshDatabase();
    const rows = await ask<{ server_version_num: string }>(database.url, 'show server_version_num');
    await database.drop();
    expect(Number(rows[0]!.server_version_num)).toBeGreaterThanOrEqual(150_000);
  });

  it('gives every caller a database of its own, which is gone when dropped', async () => {
    const [one, other] = await Promise.all([freshDatabase(), freshDatabase()]);
    await ask(one.url, 'create table t (n int)');
    await expect(ask(other.url, 'select * from t')).rejects.toThrow('does not exist');
    await Promise.all([one.drop(), other.drop()]);
    await expect(ask(one.url, 'select 1')).rejects.toThrow('does not exist');
  });

  it('keeps its rows when it is killed and started again, and leaves nothing when stopped', async () => {
    const first = await startPostgres();
    await ask(first.url, 'create table t as select 7 as n');
    first.kill();
    const second = await startPostgres({ port: first.port, dataDir: first.dataDir });
    try {
      expect(second.url).toBe(first.url);
      expect(second.pid).not.toBe(first.pid);
      expect(await ask(second.url, 'select n from t')).toEqual([{ n: 7 }]);
    } finally {
      await second.stop();
    }
    expect(existsSync(first.dataDir)).toBe(false);
  });
});

describe('nats-server', () => {
  it('has JetStream on', async () => {
    const storage = await withNats(natsUrl(), async (connection) => {
      const manager = await connection.jetstreamManager();
      return (await manager.getAccountInfo()).storage;
    });
    expect(storage).toBeGreaterThanOrEqual(0);
  });

  it('keeps its streams when it is killed and started again, and leaves nothing when stopped', async () => {
    const first = await startNats();
    await withNats(first.url, async (connection) => {
      const manager = await connection.jetstreamManager();
      await manager.streams.add({ name: 'kept', subjects: ['kept.>'] });
      await connection.jetstream().publish('kept.one', 'still here');
    });
    first.kill();
    const second = await startNats({ port: first.port, storeDir: first.storeDir });
    try {
      const message = await withNats(second.url, async (connection) => {
        const manager = await connection.jetstreamManager();
        return manager.streams.getMessage('kept', { last_by_subj: 'kept.one' });
      });
      expect(message.string()).toBe('still here');
    } finally {
      await second.stop();
    }
    expect(existsSync(first.storeDir)).toBe(false);
  });

  it('keeps its store when it is stopped for a successor', async () => {
    const first = await startNats();
    await first.stop({ keepStore: true });
    const second = await startNats({ storeDir: first.storeDir });
    expect(second.storeDir).toBe(first.storeDir);
    // The earlier one has nothing more to say: its successor runs on.
    await first.stop();
    expect(existsSync(first.storeDir)).toBe(true);
    await second.stop();
    expect(existsSync(first.storeDir)).toBe(false);
  });

  it('tells the tail of its log when it does not start', async () => {
    await expect(startNats({ args: ['-c', '/no/such/file'] })).rejects.toThrow('no such file');
  });

  it('does not move when the port that was asked for is taken', async () => {
    const port = await freePort();
    const server = await startNats({ port });
    await expect(startNats({ port })).rejects.toThrow('address already in use');
    await server.stop();
  });
});

describe('until', () => {
  it('names what it waited for, and why that was not so', async () => {
    const never = until('the cows', () => Promise.reject(new Error('still out')), 50);
    await expect(never).rejects.toThrow('Waited 50 ms for the cows: still out');
  });
});
