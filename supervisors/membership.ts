// Which nodes there are. Each broadcasts a heartbeat, and judges the others by theirs; one that does not even hear
// itself is cut off and judges nobody. What is believed here moves shards about; it never makes anything safe.
import type { Logger } from 'pino';
import { Compile } from 'typebox/compile';
import type { Kind } from '../actors/domain/envelope';
import type { Clock, NodeIdentity, Transport } from '../actors/domain/ports';
import { HeartbeatBody, type Heartbeat } from '../actors/domain/schemas';
import { Claims } from './claims';
import { Roster, SUSPECT_MS } from './roster';

/** What a node says of itself in its heartbeat. */
export type OwnReport = Pick<Heartbeat, 'state' | 'away' | 'holds'>;

export interface MembershipOptions {
  readonly self: NodeIdentity;
  readonly deploymentId: string;
  readonly shards: number;
  readonly transport: Pick<Transport, 'broadcast' | 'onBroadcast' | 'giveUpOn'>;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly report: () => OwnReport;
  /** Called when who is there, or what they hold, has changed. */
  readonly onChange: () => void;
  /** Called when a later start of this very node is there: this one must end. */
  readonly onSuperseded: () => void;
}

const BEAT_EVERY_MS = 500;
/** From then on its connections may be ended, if its row in the database is as old (R9). */
export const FENCE_MS = 3_500;
/** A node that has not heard itself for this long gives its shards up. */
const CUT_OFF_MS = FENCE_MS;
/** The clocks of two machines may differ so much. A start that is later than that has not been. */
const MOST_SKEW_MS = 3_600_000;
/** Whoever is not of this deployment is told of once, and not without end. */
const MOST_STRANGERS = 1_000;
/** Changes of one moment are told together. */
const TELL_AFTER_MS = 5;

type Sharer = Pick<Heartbeat, 'node' | 'incarnation' | 'state' | 'away'> & { readonly view?: string };

const validator = Compile(HeartbeatBody);

export class Membership {
  private readonly roster: Roster;
  private readonly claims: Claims;
  private readonly strangers = new Set<string>();
  private refusal: string | undefined;
  private heardSelfAt = 0;
  private listeningSince = 0;
  private expectedTick = 0;
  private callOff: () => void = () => undefined;
  private telling = false;
  private stopped = false;

  constructor(private readonly options: MembershipOptions) {
    this.claims = new Claims(options.shards);
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
    await new Promise<void>((resolve) => void clock.later(listenMs, resolve));
    if (this.refusal !== undefined) throw new Error(this.refusal);
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
    const own = this.view();
    return this.sharers().every(({ view }) => view === undefined || view === own);
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

  /** Who shares, and what of it does not work: the same text on every node that knows the same. */
  private view(): string {
    return this.sharers()
      .map(({ incarnation, away }) => [incarnation, ...away].join('-'))
      .sort()
      .join(' ');
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
    const said = { ...report(), state, view: this.view() };
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
    const { self, deploymentId, shards } = this.options;
    if (beat.incarnation === self.incarnation) this.heardSelf();
    else if (beat.deploymentId !== deploymentId || beat.shards !== shards) this.heardStranger(beat);
    else if (beat.node === self.name) this.heardNamesake(beat);
    else this.heardMember(beat);
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

  private heardStranger(beat: Heartbeat): void {
    if (this.strangers.has(beat.incarnation) || this.strangers.size >= MOST_STRANGERS) return;
    this.strangers.add(beat.incarnation);
    const { node, deploymentId, shards } = beat;
    this.refusal ??=
      `the node ${node} at the same broker belongs to deployment ${deploymentId} with ${shards} shards, this one to ` +
      `${this.options.deploymentId} with ${this.options.shards}: give each deployment a broker or an account of its own`;
    this.options.logger.error(
      { node, deploymentId, shards },
      'a node of another deployment uses this broker',
    );
  }

  private heardNamesake(beat: Heartbeat): void {
    const { self, report } = this.options;
    const isJoining = report().state === 'joining';
    if (isJoining && beat.state !== 'joining') {
      this.refusal ??= `a node called ${self.name} is running already: NODE_NAME must be unique`;
    }
    const isLater =
      beat.startedMs > self.startedMs ||
      (beat.startedMs === self.startedMs && beat.incarnation > self.incarnation);
    if (isJoining && isLater) this.refusal ??= `another node called ${self.name} is starting`;
    else if (isLater && beat.state !== 'joining') this.options.onSuperseded();
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

/**
 * Those that are up. If nobody is, because all were told to stop together, those that leave and still have requests under
 * way: these are answered first.
 */
function sharersAmong<Said extends Pick<Heartbeat, 'state'>>(said: readonly Said[]): readonly Said[] {
  const up = said.filter(({ state }) => state === 'up');
  return up.length > 0 ? up : said.filter(({ state }) => state === 'leaving');
}

function beatOf(message: string): Heartbeat | undefined {
  try {
    const beat: unknown = JSON.parse(message);
    return validator.Check(beat) ? beat : undefined;
  } catch {
    return undefined;
  }
}
