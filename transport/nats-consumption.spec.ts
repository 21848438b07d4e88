import type { NatsConnection } from 'nats';
import { GROUPS } from '../actors/domain/events';
import type { Logger } from './logger';
import { NatsConsumption } from './nats-consumption';
import type { NatsStreams } from './nats-streams';

/** What a try began has come to its end when the event loop has turned. */
const turned = () => new Promise((resolve) => setImmediate(resolve));

let consumption: NatsConsumption;
afterEach(() => consumption.abandon());

it('tells once why it cannot consume however often it tries, and when it can again', async () => {
  const told: string[] = [];
  const tell = (_: object, text: string) => void told.push(text);
  let fault: Error | undefined = new Error('503');
  consumption = new NatsConsumption({
    connection: {
      subscribe: () => ({ unsubscribe: () => undefined }),
      publish: () => undefined,
    } as unknown as NatsConnection,
    isConnected: () => true,
    streams: {
      restore: () => (fault ? Promise.reject(fault) : Promise.resolve()),
      bornOf: () => 'once',
    } as unknown as NatsStreams,
    logger: { warn: tell, info: tell } as unknown as Logger,
    ackWaitMs: 5_000,
    group: GROUPS[0],
    concurrency: 1,
    handler: () => Promise.reject(new Error('nothing comes')),
  });
  const tryAgain = () => {
    consumption.reconnected();
    return turned();
  };
  await consumption.start();
  await tryAgain();
  await tryAgain();
  expect(told).toEqual(['a group cannot consume now, and tries until it can']);

  fault = new Error('permission');
  await tryAgain();
  expect(told).toHaveLength(2);

  fault = undefined;
  await tryAgain();
  await tryAgain();
  expect(told.slice(2)).toEqual(['a group consumes again']);
});
