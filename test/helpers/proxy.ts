// A network between a node and a server that can swallow everything: bytes stop flowing both ways, and nobody is
// told; the connections stay open, as behind a firewall that has forgotten them. It can also be slow, or break.
import { createConnection, createServer, type AddressInfo, type Socket } from 'node:net';

export interface Proxy {
  readonly port: number;
  cut(): void;
  /** Bytes flow again, those that waited first. */
  mend(): void;
  /** Every byte takes so many milliseconds longer, each way, and stays in its place. */
  delay(delayMs: number): void;
  /** Breaks every connection; both sides are told. */
  reset(): void;
  stop(): Promise<void>;
}

/** The end of one direction is not the end of the other. */
const HALF_OPEN = { allowHalfOpen: true };

/** @param target a port on 127.0.0.1 */
export async function startProxy(target: number): Promise<Proxy> {
  const flows = new Set<Flow>();
  const network: Network = { isCut: false, delayMs: 0 };
  const pass = (from: Socket, to: Socket): void => {
    const flow = new Flow(from, to, network);
    flows.add(flow);
    from.on('close', () => flows.delete(flow));
  };
  const server = createServer(HALF_OPEN, (near) => {
    const far = createConnection({ host: '127.0.0.1', port: target, ...HALF_OPEN });
    pass(near, far);
    pass(far, near);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    cut: () => {
      network.isCut = true;
      for (const flow of flows) flow.halt();
    },
    mend: () => {
      network.isCut = false;
      for (const flow of flows) flow.resume();
    },
    delay: (delayMs) => {
      network.delayMs = delayMs;
    },
    reset: () => {
      for (const flow of flows) flow.reset();
    },
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const flow of flows) flow.reset();
      }),
  };
}

interface Network {
  isCut: boolean;
  delayMs: number;
}

/** One direction of one connection. What is on its way is kept in order, whatever the delay becomes. */
class Flow {
  private readonly underWay: { readonly dueMs: number; readonly arrive: () => void }[] = [];
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly from: Socket,
    to: Socket,
    private readonly network: Network,
  ) {
    if (network.isCut) from.pause();
    from.on('data', (chunk) => this.send(() => to.writable && to.write(chunk)));
    // While it is cut nothing is read, so the end of one side reaches the other only when it is mended.
    from.on('end', () => this.send(() => to.end()));
    from.on('error', () => to.destroy());
    to.on('close', () => clearTimeout(this.timer));
  }

  halt(): void {
    this.from.pause();
    clearTimeout(this.timer);
  }

  resume(): void {
    this.from.resume();
    this.deliver();
  }

  reset(): void {
    this.from.resetAndDestroy();
  }

  private send(arrive: () => void): void {
    const { delayMs } = this.network;
    if (delayMs === 0 && this.underWay.length === 0) {
      arrive();
      return;
    }
    this.underWay.push({ dueMs: performance.now() + delayMs, arrive });
    if (this.underWay.length === 1) this.deliver();
  }

  private deliver(): void {
    clearTimeout(this.timer);
    if (this.network.isCut) return;
    for (;;) {
      const [first] = this.underWay;
      if (!first) return;
      const leftMs = first.dueMs - performance.now();
      if (leftMs > 0) {
        this.timer = setTimeout(() => this.deliver(), leftMs);
        return;
      }
      this.underWay.shift();
      first.arrive();
    }
  }
}
