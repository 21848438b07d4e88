// One connection for one purpose, made again for ever when it is lost. Locks that are taken in `prepare` live and
// die with it.
import type { ClientBase } from 'pg';
import type { DataSource, QueryRunner } from 'typeorm';
import type { Logger } from 'pino';
import { ToldReasons } from '../actors/domain/told-reasons';
import { cut } from './cut';
import { on } from './data-source';
import type { Queryable, Statement } from './session';

export interface SessionHooks {
  /** Runs on every new connection before it is used; while it fails, the connection is not ready. */
  readonly prepare?: (queryable: Queryable) => Promise<void>;
  readonly onReady?: () => void;
  readonly onLost?: () => void;
}

export interface HeldSession extends Queryable {
  isReady(): boolean;
  /** Drops the connection without a word to a server that may not be there; a new one is made as ever. */
  drop(): void;
  /** Gives up what the session has locked, and the connection. */
  close(): Promise<void>;
}

const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 5_000;
/** A process that was killed may be survived by its connections, and their locks, for a moment. */
const OPEN_WITHIN_MS = 10_000;

/** A connection that is not there: SQLSTATE 08003, so that callers see it as one that went away. */
class NotConnectedError extends Error {
  readonly code = '08003';

  constructor(label: string) {
    super(`the connection of ${label} is not there`);
    this.name = 'NotConnectedError';
  }
}

/**
 * Opens a session that is held until it is closed.
 * @returns when it is ready for the first time
 * @throws whatever kept it from being ready, if that lasts
 */
export async function openHeldSession(
  dataSource: DataSource,
  label: string,
  hooks: SessionHooks,
  logger: Logger,
): Promise<HeldSession> {
  const session = new ReconnectingSession(dataSource, label, hooks, logger);
  await session.open();
  return session;
}

interface Connection {
  readonly queryable: Queryable;
  readonly discard: () => Promise<void>;
  readonly cut: () => void;
}

class ReconnectingSession implements HeldSession {
  private held: Connection | undefined;
  private closed = false;
  private connecting: Promise<void> | undefined;
  private timer: NodeJS.Timeout | undefined;
  private readonly toldReasons = new ToldReasons();

  constructor(
    private readonly dataSource: DataSource,
    private readonly label: string,
    private readonly hooks: SessionHooks,
    private readonly logger: Logger,
  ) {}

  async open(): Promise<void> {
    const deadline = performance.now() + OPEN_WITHIN_MS;
    for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = longer(pauseMs)) {
      try {
        await this.connect();
        return;
      } catch (error) {
        if (performance.now() + pauseMs > deadline) throw error;
        this.logger.debug({ err: error, session: this.label }, 'the connection is not ready yet');
        await new Promise((resolve) => setTimeout(resolve, pauseMs));
      }
    }
  }

  query<Row>(statement: Statement, values: readonly unknown[]): Promise<readonly Row[]> {
    if (!this.held) return Promise.reject(new NotConnectedError(this.label));
    return this.held.queryable.query<Row>(statement, values);
  }

  isReady(): boolean {
    return this.held !== undefined;
  }

  drop(): void {
    this.held?.cut();
  }

  async close(): Promise<void> {
    this.closed = true;
    clearTimeout(this.timer);
    await this.connecting;
    const last = this.held;
    this.held = undefined;
    await last?.discard();
  }

  private async connect(): Promise<void> {
    const runner = this.dataSource.createQueryRunner();
    const client = (await runner.connect()) as ClientBase;
    const queryable = on(client);
    const discard = async (): Promise<void> => {
      client.off('error', lose);
      client.off('end', lose);
      await unlock(runner, client);
    };
    const connection = { queryable, discard, cut: () => cut(client) };
    let fault: Error | undefined;
    const lose = (error?: Error): void => {
      fault ??= error ?? new NotConnectedError(this.label);
      if (this.held !== connection) return;
      this.held = undefined;
      if (this.toldReasons.isNew(fault))
        this.logger.warn({ err: fault, session: this.label }, 'the connection is lost: it is made again');
      this.hooks.onLost?.();
      this.reconnect(FIRST_PAUSE_MS);
    };
    client.on('error', lose);
    client.on('end', lose);
    try {
      await this.hooks.prepare?.(queryable);
      // It may have gone while `prepare` waited for something else.
      if (fault) throw fault;
    } catch (error) {
      await discard();
      throw error;
    }
    if (this.closed) return discard();
    this.held = connection;
    if (this.toldReasons.over()) this.logger.info({ session: this.label }, 'the connection is there again');
    this.hooks.onReady?.();
  }

  private reconnect(pauseMs: number): void {
    if (this.closed) return;
    this.timer = setTimeout(() => {
      this.connecting = this.connect().catch((error: unknown) => {
        if (this.toldReasons.isNew(error))
          this.logger.warn({ err: error, session: this.label }, 'the connection cannot be made now');
        this.reconnect(longer(pauseMs));
      });
    }, pauseMs);
  }
}

const longer = (pauseMs: number): number => Math.min(LONGEST_PAUSE_MS, pauseMs * 2);

/** The pool may lend the connection to others, so nothing may stay locked on it. */
async function unlock(runner: QueryRunner, client: ClientBase): Promise<void> {
  await client.query('select pg_advisory_unlock_all()').catch(() => undefined);
  await runner.release();
}
