// Which nodes there are. Each broadcasts a heartbeat, and judges the others by theirs; one that does not even hear
// itself is cut off and judges nobody. What is believed here moves shards about; it never makes anything safe.
import { Compile } from 'typebox/compile';
import type { Kind } from '../actors/domain/envelope';
import { pause } from '../actors/domain/pause';
import type { Clock } from '../actors/domain/ports/clock';
import type { Transport } from '../actors/domain/ports/transport';
import { HeartbeatBody, type Heartbeat } from '../actors/domain/schemas';
import { Belonging, type BelongingOptions } from './belonging';
import { Claims } from './claims';
import { Roster, SUSPECT_MS } from './roster';
import { sharersAmong, viewOf, type Sharer } from './sharers';

export interface MembershipOptions extends BelongingOptions {
  readonly transport: Pick<Transport, 'broadcast' | 'onBroadcast' | 'giveUpOn'>;
  readonly clock: Clock;
  /** Called when who is there, or what they hold, has changed. */
  readonly onChange: () => void;
}

const BEAT_EVERY_MS = 500;
/** From then on its connections may be ended, if its row in the database is as old (R9). */
export const FENCE_MS = 3_500;
/** A node that has not heard itself for this long gives its shards up. */
const CUT_OFF_MS = FENCE_MS;
/** The clocks of two machines may differ so much. A start that is later than that has not been. */
const MOST_SKEW_MS = 3_600_000;
/** Changes of one moment are told together. */
const TELL_AFTER_MS = 5;

const validator = Compile(HeartbeatBody);

export class Membership {
  private readonly roster: Roster;
  private readonly claims: Claims;
  private readonly belonging: Belonging;
  private heardSelfAt = 0;
  private listeningSince = 0;
  private expectedTick = 0;
  private callOff: () => void = () => undefined;
  private telling = false;
  private stopped = false;

  constructor(private readonly options: MembershipOptions) {
    this.claims = new Claims(options.shards);
    this.belonging = new Belonging(options);
    this.roster = new Roster((last) => this.gone(last));
  }

  /**
   * Says that a node is coming, and listens.
   * @param listenMs how long, before it is known who is there
   * @throws Error if a node of another deployment, or one of this name, is there (R18)
   */
  async join(listenMs: number): Promise<void> {
    const { transport, clock } = this.options;
    this.heardSelfAt = this.listeningSince = clock.monotonicMs();
    await transport.onBroadcast((message) => this.heard(message));
    this.tell();
    await pause(clock, listenMs);
    this.belonging.check();
    this.expectedTick = clock.monotonicMs();
    this.tick();
  }

  /** Says good-bye; nothing is heard or judged from then on. */
  leave(): void {
    this.stopped = true;
    this.callOff();
    this.tell('left');
  }

  /** Tells the others soon what has changed here. */
  announce(): void {
    const { self, report } = this.options;
    this.claims.heard(self.incarnation, self.name, report().holds);
    if (this.telling || this.stopped) return;
    this.telling = true;
    this.options.clock.later(TELL_AFTER_MS, () => {
      this.telling = false;
      this.tell();
    });
  }

  ownerOf(kind: Kind, shard: number): string | undefined {
    return this.claims.ownerOf(kind, shard);
  }

  unowned(kind: Kind): number {
    return this.claims.unowned(kind);
  }

  isAlive(node: string): boolean {
    if (node === this.options.self.name) return true;
    return this.roster.living().some((beat) => beat.node === node);
  }

  /** A node that nobody listens for is dead, or will be heard of again within a heartbeat. */
  doubt(node: string): void {
    this.roster.doubt(node);
  }

  /** Whether this node has not heard even itself for a while. */
  isCutOff(): boolean {
    return this.options.clock.monotonicMs() - this.heardSelfAt > CUT_OFF_MS;
  }

  /** The nodes that a kind's shards are to be shared among, this one included if it takes part. */
  eligible(kind: Kind): readonly string[] {
    const { self } = this.options;
    const sharers = this.sharers().filter(({ incarnation, away }) => {
      const isCutOff = incarnation === self.incarnation && this.isCutOff();
      return !away.includes(kind) && !isCutOff;
    });
    return sharers.map(({ node }) => node);
  }

  /** Whether this node is one of those that the shards are shared among, if nothing keeps it from them. */
  takesPart(): boolean {
    return this.sharers().some(({ incarnation }) => incarnation === this.options.self.incarnation);
  }

  /** How many nodes are up, this one included if it is. */
  countUp(): number {
    const states = [this.options.report().state, ...this.roster.living().map((beat) => beat.state)];
    return states.filter((state) => state === 'up').length;
  }

  /** Whether another node could take what this one gives up. */
  hasOthers(): boolean {
    return sharersAmong(this.roster.living()).length > 0;
  }

  /** Whether everybody knows of the same nodes, so that what one hands over another will take. */
  isAgreed(): boolean {
    const sharers = this.sharers();
    const own = viewOf(sharers);
    return sharers.every(({ view }) => view === undefined || view === own);
  }

  /**
   * The incarnations whose connections for a kind must not be ended.
   * @returns undefined while this node has not listened for long enough to know
   */
  spared(kind: Kind): readonly string[] | undefined {
    const now = this.options.clock.monotonicMs();
    if (now - this.listeningSince < FENCE_MS || now - this.heardSelfAt > SUSPECT_MS) return undefined;
    const heard = this.roster.heardWithin(FENCE_MS, now).filter(({ away }) => !away.includes(kind));
    return [this.options.self.incarnation, ...heard.map(({ incarnation }) => incarnation)];
  }

  /** The nodes that the shards are shared among, and what they say; of this one there is no view yet. */
  private sharers(): readonly Sharer[] {
    const { self, report } = this.options;
    const { name: node, incarnation } = self;
    return sharersAmong<Sharer>([...this.roster.living(), { node, incarnation, ...report() }]);
  }

  private tick(): void {
    const { clock } = this.options;
    if (this.stopped) return;
    const now = clock.monotonicMs();
    const lateMs = now - this.expectedTick;
    // Heartbeats that came during a pause of this process lie unread in the socket: nobody was silent.
    if (lateMs > BEAT_EVERY_MS) {
      this.heardSelfAt = Math.min(now, this.heardSelfAt + lateMs);
      this.roster.excuse(lateMs, now);
    }
    this.judge(now);
    // After a long pause others may have taken the shards: the sockets tell, before the next round.
    if (lateMs < SUSPECT_MS) this.tell();
    this.expectedTick = now + BEAT_EVERY_MS;
    this.callOff = clock.later(BEAT_EVERY_MS, () => this.tick());
  }

  private judge(now: number): void {
    if (now - this.heardSelfAt <= SUSPECT_MS) this.roster.judge(now);
    else if (this.isCutOff()) this.options.onChange();
  }

  private gone({ node, incarnation, state }: Heartbeat): void {
    const { logger, transport, onChange } = this.options;
    if (state !== 'leaving' && state !== 'done') logger.warn({ node, incarnation }, 'a node is silent');
    this.claims.forget(incarnation);
    transport.giveUpOn(node);
    onChange();
  }

  private tell(state = this.options.report().state): void {
    const { self, deploymentId, shards, transport, report } = this.options;
    const { name: node, incarnation, startedMs } = self;
    const said = { ...report(), state, view: viewOf(this.sharers()) };
    const beat: Heartbeat = { deploymentId, shards, node, incarnation, startedMs, ...said };
    transport.broadcast(JSON.stringify(beat));
  }

  private heard(message: string): void {
    if (this.stopped) return;
    const beat = beatOf(message);
    if (!beat || beat.startedMs > this.options.clock.nowMs() + MOST_SKEW_MS) {
      this.options.logger.warn({ bytes: message.length }, 'a heartbeat that is none was dropped');
      return;
    }
    if (beat.incarnation === this.options.self.incarnation) this.heardSelf();
    else if (this.belonging.isAnother(beat)) this.heardMember(beat);
  }

  private heardSelf(): void {
    const now = this.options.clock.monotonicMs();
    const silentMs = now - this.heardSelfAt;
    if (silentMs > SUSPECT_MS) {
      this.roster.excuse(silentMs, now);
      this.listeningSince = now;
    }
    this.heardSelfAt = now;
    if (silentMs > CUT_OFF_MS) this.options.onChange();
  }

  private heardMember(beat: Heartbeat): void {
    const { clock, logger, onChange } = this.options;
    const { incarnation, node, state, holds } = beat;
    const news = this.roster.heard(beat, clock.monotonicMs());
    if (news === undefined || state === 'left') return;
    const moved = this.claims.heard(incarnation, node, holds);
    if (news === 'arrived' || news === 'returned') {
      logger.info({ node, incarnation, state }, news === 'arrived' ? 'a node is there' : 'a node is back');
      // It learns of us at once, not with our next heartbeat.
      this.announce();
    }
    if (news !== 'none' || moved) onChange();
  }
}

function beatOf(message: string): Heartbeat | undefined {
  try {
    const beat: unknown = JSON.parse(message);
    return validator.Check(beat) ? beat : undefined;
  } catch {
    return undefined;
  }
}
