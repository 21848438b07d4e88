// A network between a node and a server that can swallow everything: bytes stop flowing both ways, and nobody is
// told; the connections stay open, as behind a firewall that has forgotten them.
import { createConnection, createServer, type AddressInfo, type Socket } from 'node:net';

export interface Proxy {
  readonly port: number;
  cut(): void;
  /** Bytes flow again, those that waited first. */
  mend(): void;
  stop(): Promise<void>;
}

/** @param target a port on 127.0.0.1 */
export async function startProxy(target: number): Promise<Proxy> {
  const sockets = new Set<Socket>();
  let isCut = false;
  const pass = (from: Socket, to: Socket): void => {
    sockets.add(from);
    if (isCut) from.pause();
    from.on('data', (chunk) => {
      if (to.writable) to.write(chunk);
    });
    // While it is cut nothing is read, so the end of one side reaches the other only when it is mended.
    from.on('end', () => to.end());
    from.on('error', () => to.destroy());
    from.on('close', () => sockets.delete(from));
  };
  const server = createServer((near) => {
    const far = createConnection({ host: '127.0.0.1', port: target });
    pass(near, far);
    pass(far, near);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    cut: () => {
      isCut = true;
      for (const socket of sockets) socket.pause();
    },
    mend: () => {
      isCut = false;
      for (const socket of sockets) socket.resume();
    },
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}
