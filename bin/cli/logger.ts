// JSON lines for machines, readable ones on a terminal. Commands that answer on stdout log to stderr.
import pino, { type Logger } from 'pino';
import pretty from 'pino-pretty';

/** @param destination 1 for stdout, 2 for stderr; written at once, so nothing is lost when the process ends */
export function createLogger(level: string, destination: 1 | 2 = 1): Logger {
  const isTerminal = (destination === 1 ? process.stdout : process.stderr).isTTY;
  return isTerminal
    ? pino(
        { level },
        pretty({ destination, sync: true, ignore: 'pid,hostname', translateTime: 'SYS:HH:MM:ss.l' }),
      )
    : pino({ level }, pino.destination({ dest: destination, sync: true }));
}
