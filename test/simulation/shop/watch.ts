// A logger that remembers what must never be logged: that an actor crashed, a command or a request failed for no reason
// of its own.
import pino, { type Logger } from 'pino';
import { ConnectionError } from '../simulated-connection';

const NEVER: ReadonlySet<string> = new Set([
  'an actor crashed and starts anew',
  'a command failed',
  'a request failed',
]);

/** @param tell called with what must never be logged */
export function watchfulLogger(tell: (line: string) => void): Logger {
  const level = process.env['SIMULATION_LOG'];
  if (level !== undefined) return pino({ level, timestamp: pino.stdTimeFunctions.isoTime });
  const note = (details: object, message: string): void => {
    if (!NEVER.has(message)) return;
    const { err } = details as { err?: unknown };
    if (err instanceof ConnectionError) return;
    tell(`${message}: ${err instanceof Error ? (err.stack ?? err.message) : JSON.stringify(details)}`);
  };
  const nothing = (): void => undefined;
  const logger = { fatal: note, error: note, warn: nothing, info: nothing, debug: nothing, trace: nothing };
  return Object.assign(logger, { child: () => logger }) as unknown as Logger;
}
