// The two transports as the contract suite sees them: a near end that asks and a far end that serves.
import { connect } from 'nats';
import type { Envelope } from '../../actors/domain/envelope';
import { id } from '../../actors/domain/ids';
import { STREAMS } from '../../actors/domain/events';
import type { Transport } from '../../actors/domain/ports/transport';
import { createInProcessTransport } from '../../transport/in-process';
import type { Logger } from '../../transport/logger';
import { connectNats } from '../../transport/nats';
import { startNats, type NatsServer } from '../helpers/servers';

export interface Line {
  readonly level: string;
  readonly details: object;
  readonly message: string;
}

/** A logger whose lines a test can read. */
export function listeningLogger(): Logger & { readonly lines: Line[] } {
  const lines: Line[] = [];
  const at = (level: string) => (details: object, message: string) => {
    lines.push({ level, details, message });
  };
  return { lines, debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
}

export interface World {
  readonly name: string;
  start(): Promise<void>;
  /** Fresh ends, with streams that hold nothing. */
  open(): Promise<{ near: Transport; far: Transport }>;
  stop(): Promise<void>;
}

export const inProcess: World = {
  name: 'in-process',
  start: () => Promise.resolve(),
  open: () => {
    const both = createInProcessTransport({ logger: listeningLogger() });
    return Promise.resolve({ near: both, far: both });
  },
  stop: () => Promise.resolve(),
};

export function overNats(): World {
  let server: NatsServer | undefined;
  return {
    name: 'NATS',
    start: async () => {
      server = await startNats();
    },
    open: async () => {
      const url = server!.url;
      await deleteStreams(url);
      const [near, far] = await Promise.all([joinNats(url, 'near'), joinNats(url, 'far')]);
      await near.ensureStreams();
      return { near, far };
    },
    stop: async () => server?.stop(),
  };
}

export function joinNats(
  servers: string,
  name = 'test',
  logger: Logger = listeningLogger(),
): Promise<Transport> {
  return connectNats({ servers, name, logger });
}

export async function deleteStreams(url: string): Promise<void> {
  const connection = await connect({ servers: url });
  const manager = await connection.jetstreamManager();
  for (const stream of STREAMS) await manager.streams.delete(stream).catch(() => false);
  await connection.close();
}

export const envelope = (key: string, more: Partial<Envelope> = {}): Envelope => ({
  kind: 'goods',
  id: id('345959443973935104'),
  shard: 3,
  command: { type: 'FindGoods' },
  key,
  attempt: 1,
  ...more,
});

/** Something that others wait for until the test opens it. */
export function gate(): { readonly opened: Promise<void>; open(): void } {
  let open!: () => void;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open };
}
