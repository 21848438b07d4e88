// The transport of a single node without a broker: the same contract, inside one process. Everything makes the
// same way through JSON, so that what works here works over NATS.
import { TransportError, type Transport } from '../actors/domain/ports/transport';
import { InProcessStreams } from './in-process-streams';
import type { Logger } from './logger';
import { NodeLink, type NodeHandler } from './node-link';
import { Pending } from './pending';
import { nodeSubject } from './subjects';
import { atMost, UnderWay } from './under-way';

export interface InProcessOptions {
  readonly logger: Logger;
}

/** NATS' own default, so that what is too large there is too large here. */
const MAX_BYTES = 1_048_576;

type FrontHandler = (body: string, trace?: string) => Promise<string>;

export function createInProcessTransport({ logger }: InProcessOptions): Transport {
  let state: 'open' | 'closing' | 'closed' = 'open';
  const nodes = new Map<string, NodeHandler>();
  const doors = new Map<string, FrontHandler>();
  const requests = new Pending<string>(() => new TransportError('timeout', 'no reply in time'));
  const atDoors = new UnderWay();
  const streams = new InProcessStreams(logger);
  let hear: (message: string) => void = () => undefined;

  const link: NodeLink = new NodeLink(
    {
      inbox: 'inbox',
      isConnected: () => state !== 'closed',
      maxBytes: () => MAX_BYTES,
      post: (subject, bytes, reply) => {
        const handler = nodes.get(subject);
        if (handler) link.heard(bytes, reply, handler);
        else if (reply === undefined) link.answered(subject, bytes, false);
        else link.answered(reply, bytes, true);
      },
    },
    logger,
  );

  const ask = (subject: string, body: string, request: number) => {
    const handler = doors.get(subject);
    if (!handler) {
      requests.fail(request, new TransportError('no-responders', `nobody serves ${subject}`));
      return;
    }
    atDoors
      .run(async () => handler(body))
      .then(
        (reply) => requests.settle(request, reply),
        (error: unknown) => {
          logger.error({ err: error, subject }, 'a request was not handled');
          requests.fail(request, new TransportError('timeout', 'the handler failed', { cause: error }));
        },
      );
  };

  return {
    send: (node, envelope, timeoutMs) => link.send(node, envelope, timeoutMs),
    receive: (node, handler) => {
      nodes.set(nodeSubject(node), handler);
      return Promise.resolve();
    },
    serve: (subject, handler) => {
      doors.set(subject, handler);
      return Promise.resolve();
    },
    request: (subject, body, timeoutMs) =>
      new Promise((resolve, reject) => {
        if (state === 'closed') reject(new TransportError('disconnected', 'closed'));
        else if (Buffer.byteLength(body) > MAX_BYTES) {
          reject(new TransportError('too-large', `more than ${MAX_BYTES} bytes`));
        } else {
          const request = requests.open({ resolve, reject }, timeoutMs);
          setImmediate(ask, subject, body, request);
        }
      }),
    ensureStreams: () => Promise.resolve(),
    publish: (publication) => streams.publish(publication),
    consume: (group, concurrency, handler) => Promise.resolve(streams.consume(group, concurrency, handler)),
    outstanding: (group) => Promise.resolve(streams.outstanding(group)),
    // Nothing is lost here that the process itself does not lose.
    broadcast: (message) => {
      if (state === 'open') setImmediate(() => hear(message));
    },
    onBroadcast: (listener) => {
      hear = listener;
      return Promise.resolve();
    },
    giveUpOn: (node) => link.giveUpOn(node),
    onReconnect: () => undefined,
    onStreamsLost: () => undefined,
    isConnected: () => state !== 'closed',
    close: async (withinMs) => {
      if (state !== 'open') return;
      state = 'closing';
      nodes.clear();
      doors.clear();
      await atMost(withinMs, Promise.all([link.idle(), atDoors.idle(), streams.stop()]));
      state = 'closed';
      link.close();
      requests.failAll();
      streams.close();
    },
  };
}
