// What lies between one node and its servers: a proxy for each connection, so that the network of this node alone can
// be cut, slow or broken.
import { startProxy, type Proxy } from '../helpers/proxy';

export interface Wires {
  readonly postgres: Proxy;
  /** In the order of the servers. */
  readonly nats: readonly Proxy[];
  stop(): Promise<void>;
}

/** @param ports of the servers */
export async function startWires(ports: {
  readonly postgres: number;
  readonly nats: readonly number[];
}): Promise<Wires> {
  const [postgres, ...nats] = await Promise.all([
    startProxy(ports.postgres),
    ...ports.nats.map((port) => startProxy(port)),
  ]);
  const stop = async (): Promise<void> => {
    await Promise.all([postgres, ...nats].map((wire) => wire.stop()));
  };
  return { postgres, nats, stop };
}
