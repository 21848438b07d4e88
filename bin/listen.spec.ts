import Fastify, { type FastifyInstance } from 'fastify';
import type { AddressInfo } from 'node:net';
import { listenAt } from './listen';

const servers: FastifyInstance[] = [];

function server(): FastifyInstance {
  const made = Fastify();
  servers.push(made);
  return made;
}

afterEach(() => Promise.all(servers.splice(0).map((one) => one.close())));

const host = '127.0.0.1';

test.each(['PORT', 'SANDBOX_PORT'] as const)('a port in use is told by its setting, %s', async (name) => {
  const first = server();
  await listenAt(first, { port: 0, host }, name);
  const { port } = first.server.address() as AddressInfo;
  await expect(listenAt(server(), { port, host }, name)).rejects.toThrow(
    `port ${port} of 127.0.0.1 is in use: stop what listens there, or set another ${name}`,
  );
});

test('an address of another machine is told by HOST', async () => {
  // Of a range that is for documentation only.
  await expect(listenAt(server(), { port: 0, host: '192.0.2.1' }, 'PORT')).rejects.toThrow(
    "HOST must be an address of this machine, not '192.0.2.1'",
  );
});

test('a port that is not for this user is told by its setting, and anything else as it is', async () => {
  const failing = (code: string) => ({
    listen: () => Promise.reject(Object.assign(new Error(`listen ${code}`), { code })),
  });
  await expect(listenAt(failing('EACCES'), { port: 80, host }, 'PORT')).rejects.toThrow(
    'this user may not listen on port 80: set another PORT',
  );
  await expect(listenAt(failing('EMFILE'), { port: 80, host }, 'PORT')).rejects.toThrow('listen EMFILE');
});
