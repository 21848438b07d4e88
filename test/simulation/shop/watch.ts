// A logger that remembers what must never be logged: that an actor crashed, a command or a request failed for no reason
// of its own, or that events were missed which no fault has taken away without a word.
import pino, { type Logger } from 'pino';
import { ConnectionError } from '../simulated-connection';

const NEVER: ReadonlySet<string> = new Set([
  'an actor crashed and starts anew',
  'a command failed',
  'a request failed',
]);

const MISSED = 'the broker has lost events: they are sent again';

/**
 * @param tell called with what must never be logged
 * @param mayMiss whether events have been taken away, and nobody was told
 */
export function watchfulLogger(tell: (line: string) => void, mayMiss: () => boolean): Logger {
  const level = process.env['SIMULATION_LOG'];
  if (level !== undefined) return pino({ level, timestamp: pino.stdTimeFunctions.isoTime });
  const note = (details: object, message: string): void => {
    if (!NEVER.has(message) && (message !== MISSED || mayMiss())) return;
    const { err } = details as { err?: unknown };
    if (err instanceof ConnectionError) return;
    tell(`${message}: ${err instanceof Error ? (err.stack ?? err.message) : JSON.stringify(details)}`);
  };
  const nothing = (): void => undefined;
  const logger = { fatal: note, error: note, warn: note, info: nothing, debug: nothing, trace: nothing };
  return Object.assign(logger, { child: () => logger }) as unknown as Logger;
}
