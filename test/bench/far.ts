// A database that is some milliseconds away. The network in between is a thread of its own, or whatever keeps the client
// busy would make it longer.
import { once } from 'node:events';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { startProxy } from '../helpers/proxy';

export interface Far {
  /** The same database, from far away. */
  readonly url: string;
  stop(): Promise<void>;
}

interface Way {
  readonly port: number;
  readonly delayMs: number;
}

/** @param delayMs each way */
export async function farFrom(url: string, delayMs: number): Promise<Far> {
  const target = new URL(url);
  const way: Way = { port: Number(target.port), delayMs };
  const worker = new Worker(__filename, { workerData: way });
  const [port] = (await once(worker, 'message')) as [number];
  target.port = String(port);
  return {
    url: target.href,
    stop: async () => {
      await worker.terminate();
    },
  };
}

async function lieBetween({ port, delayMs }: Way): Promise<void> {
  const proxy = await startProxy(port);
  proxy.delay(delayMs);
  parentPort?.postMessage(proxy.port);
}

if (!isMainThread) void lieBetween(workerData as Way);
