// A process that serves: the first SIGINT or SIGTERM stops it cleanly, a second one at once.
import type { Logger } from 'pino';

interface Serving {
  stop(): Promise<void>;
}

/**
 * Starts something, and stops it when a signal comes, also one that came while it was starting.
 * @returns after the stop
 */
export async function untilSignalled<Started extends Serving>(
  logger: Logger,
  start: () => Promise<Started>,
  onStarted: (started: Started) => void,
): Promise<void> {
  const first = new AbortController();
  const signalled = new Promise<void>((resolve) => {
    const onSignal = (signal: NodeJS.Signals): void => {
      if (first.signal.aborted) process.exit(signal === 'SIGINT' ? 130 : 143);
      first.abort();
      logger.info({ signal }, 'stopping; a second signal stops at once');
      resolve();
    };
    process.on('SIGINT', onSignal).on('SIGTERM', onSignal);
  });
  dieOfTheUnforeseen(logger);
  const started = await start();
  // What is about to stop is not announced.
  if (!first.signal.aborted) onStarted(started);
  await signalled;
  await started.stop();
  logger.info('stopped');
}

/** What nobody caught has left the process in a state that nobody knows; the databases make a restart safe. */
function dieOfTheUnforeseen(logger: Logger): void {
  const die = (error: unknown): void => {
    logger.fatal({ err: error }, 'unforeseen');
    process.exit(1);
  };
  process.on('unhandledRejection', die).on('uncaughtException', die);
}
