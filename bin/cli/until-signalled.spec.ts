import pino from 'pino';
import { untilSignalled } from './until-signalled';

const logger = pino({ level: 'silent' });
const HEARD = ['SIGINT', 'SIGTERM', 'unhandledRejection', 'uncaughtException'] as const;
const before = new Map(HEARD.map((event) => [event, process.rawListeners(event)]));

afterEach(() => {
  for (const event of HEARD) {
    process.removeAllListeners(event);
    for (const listener of before.get(event) ?? []) process.on(event, listener as () => void);
  }
});

const serving = (told: string[]) => ({
  stop: () => {
    told.push('stopped');
    return Promise.resolve();
  },
});

test('what was stopped while it started is stopped once it is there, and not announced', async () => {
  const told: string[] = [];
  const start = () => {
    process.emit('SIGINT', 'SIGINT');
    return Promise.resolve(serving(told));
  };
  await untilSignalled(logger, start, () => told.push('announced'));
  expect(told).toEqual(['stopped']);
});

test('what started in peace is announced, and stopped by a signal', async () => {
  const told: string[] = [];
  await untilSignalled(
    logger,
    () => Promise.resolve(serving(told)),
    () => {
      told.push('announced');
      process.emit('SIGTERM', 'SIGTERM');
    },
  );
  expect(told).toEqual(['announced', 'stopped']);
});
