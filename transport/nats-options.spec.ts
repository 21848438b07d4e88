import { connect, ErrorCode, NatsError, type NatsConnection } from 'nats';
import type * as nats from 'nats';
import type { Logger } from './logger';
import { connectFirst } from './nats-options';

jest.mock('nats', () => ({ ...jest.requireActual<typeof nats>('nats'), connect: jest.fn() }));
// Between two tries no time passes.
jest.mock('node:timers/promises', () => ({ setTimeout: () => Promise.resolve() }));

const broker = jest.mocked(connect);
const refused = (): NatsError => new NatsError('refused', ErrorCode.ConnectionRefused);

it('tells once for each reason why the broker is not there, however often it tries, and when it is', async () => {
  const told: string[] = [];
  const tell = (details: object, text: string): void => {
    told.push([text, ...('why' in details ? [details.why] : [])].join(': '));
  };
  broker
    .mockRejectedValueOnce(refused())
    .mockRejectedValueOnce(refused())
    .mockRejectedValueOnce(new Error('no such host'))
    .mockRejectedValueOnce(refused())
    .mockResolvedValueOnce({} as NatsConnection);
  await connectFirst({
    servers: 'nats://127.0.0.1:1',
    name: 'node',
    logger: { warn: tell, info: tell } as unknown as Logger,
  });
  expect(told).toEqual([
    'the broker is not there yet: NatsError: refused',
    'the broker is not there yet: Error: no such host',
    'the broker is there',
  ]);
});

it('tells nothing of one that is there at once', async () => {
  const tell = jest.fn();
  broker.mockResolvedValueOnce({} as NatsConnection);
  const logger = { warn: tell, info: tell } as unknown as Logger;
  await connectFirst({ servers: 'nats://127.0.0.1:1', name: 'node', logger });
  expect(tell).not.toHaveBeenCalled();
});
