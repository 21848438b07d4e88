// One connection for one purpose, made again for ever when it is lost. Locks that are taken in `prepare` live and
// die with it.
import type { ClientBase } from 'pg';
import type { DataSource, QueryRunner } from 'typeorm';
import type { Logger } from 'pino';
import { on } from './data-source';
import type { Queryable } from './session';

export interface SessionHooks {
  /** Runs on every new connection before it is used; while it fails, the connection is not ready. */
  readonly prepare?: (queryable: Queryable) => Promise<void>;
  readonly onReady?: () => void;
  readonly onLost?: () => void;
}

export interface HeldSession extends Queryable {
  isReady(): boolean;
  close(): Promise<void>;
}

const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 5_000;

/** A connection that is not there: SQLSTATE 08003, so that callers see it as one that went away. */
class NotConnectedError extends Error {
  readonly code = '08003';

  constructor(label: string) {
    super(`the connection of ${label} is not there`);
    this.name = 'NotConnectedError';
  }
}

/** Resolves when the session is ready for the first time; a failure then is the caller's to see. */
export async function openHeldSession(
  dataSource: DataSource,
  label: string,
  hooks: SessionHooks,
  logger: Logger,
): Promise<HeldSession> {
  let held: { readonly runner: QueryRunner; readonly queryable: Queryable } | undefined;
  let closed = false;
  let timer: NodeJS.Timeout | undefined;

  const connect = async (): Promise<void> => {
    const runner = dataSource.createQueryRunner();
    const client = (await runner.connect()) as ClientBase;
    const lose = (error?: unknown): void => {
      if (held?.runner !== runner) return;
      held = undefined;
      logger.warn({ err: error, session: label }, 'the connection is lost');
      hooks.onLost?.();
      if (!closed) reconnect(FIRST_PAUSE_MS);
    };
    client.on('error', lose);
    client.on('end', lose);
    try {
      await hooks.prepare?.(on(client));
    } catch (error) {
      // The locks that were taken go with the connection.
      await discard(runner, client);
      throw error;
    }
    held = { runner, queryable: on(client) };
    hooks.onReady?.();
  };

  const reconnect = (pauseMs: number): void => {
    timer = setTimeout(() => {
      connect().catch((error: unknown) => {
        logger.warn({ err: error, session: label }, 'the connection cannot be made now');
        if (!closed) reconnect(Math.min(LONGEST_PAUSE_MS, pauseMs * 2));
      });
    }, pauseMs);
  };

  await connect();
  return {
    query(statement, values) {
      return held ? held.queryable.query(statement, values) : Promise.reject(new NotConnectedError(label));
    },
    isReady: () => held !== undefined,
    async close() {
      closed = true;
      clearTimeout(timer);
      const last = held;
      held = undefined;
      await last?.runner.release();
    },
  };
}

/** Ends a connection instead of giving it back to the pool with whatever it has locked. */
async function discard(runner: QueryRunner, client: ClientBase): Promise<void> {
  await client.query('select pg_advisory_unlock_all()').catch(() => undefined);
  await runner.release();
}
