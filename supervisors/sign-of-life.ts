// This node's row in one database, written again and again: the second witness of the fence (R9). A node that cannot
// write it for as long as the others wait drops its connections itself, so that a network that swallows everything
// does not leave it waiting on a connection that leads nowhere.
import type { Logger } from 'pino';
import type { Clock } from '../actors/domain/ports/clock';
import type { NodeRow } from '../actors/domain/ports/ownership';
import { FENCE_MS } from './membership';

export interface SignOfLifeOptions {
  readonly row: NodeRow;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Called when the database is out of reach, and again every few seconds until it is not. */
  readonly onAway: () => void;
}

const BEAT_EVERY_MS = 500;
/** Nobody ends the connections of a node whose row is younger than FENCE_MS; this leaves room for what is slow. */
const PROVEN_MS = 2_000;
const AWAY_MS = FENCE_MS;
const LOOK_EVERY_MS = 250;

export class SignOfLife {
  private provenAt: number;
  /** How long no beat has come through, counted look by look: a pause of this process is not the database's. */
  private silentMs = 0;
  private lastLook = 0;
  private beating = false;
  private away = false;
  private nextBeat = 0;
  private stopped = false;
  private callOff: () => void = () => undefined;

  constructor(private readonly options: SignOfLifeOptions) {
    this.provenAt = options.clock.monotonicMs() - PROVEN_MS;
  }

  /** Writes the row for the first time. @throws if the database is away */
  async start(): Promise<void> {
    await this.beat();
    this.lastLook = this.options.clock.monotonicMs();
    this.look();
  }

  /** Whether the row is so fresh that nobody may have ended this node's connections. */
  isProven(): boolean {
    return this.options.clock.monotonicMs() - this.provenAt < PROVEN_MS;
  }

  isAway(): boolean {
    return this.away;
  }

  async stop(): Promise<void> {
    this.stopped = true;
    this.callOff();
    await this.options.row.leave();
  }

  private look(): void {
    if (this.stopped) return;
    const { clock, logger, onAway, row } = this.options;
    const now = clock.monotonicMs();
    this.silentMs += Math.min(now - this.lastLook, 2 * LOOK_EVERY_MS);
    this.lastLook = now;
    if (!this.beating && now >= this.nextBeat) {
      this.beat().catch((error: unknown) =>
        logger.debug({ err: error }, 'the sign of life cannot be written'),
      );
    }
    // While it is away, what was connected again may lead nowhere too.
    if (this.silentMs > AWAY_MS) {
      this.away = true;
      this.silentMs = 0;
      row.drop();
      onAway();
    }
    this.callOff = clock.later(LOOK_EVERY_MS, () => this.look());
  }

  private async beat(): Promise<void> {
    const begun = this.options.clock.monotonicMs();
    this.beating = true;
    this.nextBeat = begun + BEAT_EVERY_MS;
    try {
      await this.options.row.beat();
      this.provenAt = begun;
      this.silentMs = 0;
      this.away = false;
    } finally {
      this.beating = false;
    }
  }
}
