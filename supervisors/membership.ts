// Which nodes there are. Each broadcasts a heartbeat, and judges the others by theirs; one that does not even hear
// itself is cut off and judges nobody. What is believed here moves shards about; it never makes anything safe.
import type { Logger } from 'pino';
import { Compile } from 'typebox/compile';
import type { Kind } from '../actors/domain/envelope';
import type { Clock, NodeIdentity, Transport } from '../actors/domain/ports';
import { HeartbeatBody, type Heartbeat } from '../actors/domain/schemas';
import { Claims } from './claims';

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

interface Member {
  beat: Heartbeat;
  heardAt: number;
  alive: boolean;
}

const BEAT_EVERY_MS = 500;
/** A node that was not heard of for this long is not sent to, and its shards are tried. */
const SUSPECT_MS = 1_600;
/** From then on its connections may be ended, if its row in the database is as old (R9). */
export const FENCE_MS = 3_500;
/** A node that has not heard itself for this long gives its shards up. */
const CUT_OFF_MS = FENCE_MS;
/** A new node listens for this long, so that everybody is heard once. */
const LISTEN_MS = 700;
/** Changes of one moment are told together. */
const TELL_AFTER_MS = 5;
const FORGET_MS = 60_000;

const validator = Compile(HeartbeatBody);

export class Membership {
  private readonly members = new Map<string, Member>();
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
  }

  /**
   * Listens, and says that a node is coming.
   * @throws Error if a node of another deployment, or one of this name, is there (R18)
   */
  async join(): Promise<void> {
    const { transport, clock } = this.options;
    this.heardSelfAt = this.listeningSince = clock.monotonicMs();
    await transport.onBroadcast((message) => this.heard(message));
    this.tell();
    await new Promise<void>((resolve) => void clock.later(LISTEN_MS, resolve));
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
    return this.living().some(({ beat }) => beat.node === node);
  }

  /** A node that nobody listens for is dead, or will be heard of again within a heartbeat. */
  doubt(node: string): void {
    for (const [incarnation, member] of this.members) {
      if (member.alive && member.beat.node === node) this.bury(incarnation, member);
    }
  }

  /** Whether this node has not heard even itself for a while. */
  isCutOff(): boolean {
    return this.options.clock.monotonicMs() - this.heardSelfAt > CUT_OFF_MS;
  }

  /** The nodes that a kind's shards are to be shared among, this one included if it takes part. */
  eligible(kind: Kind): readonly string[] {
    const { self, report } = this.options;
    const others = this.living().filter(({ beat }) => beat.state === 'up' && !beat.away.includes(kind));
    const { state, away } = report();
    const takesPart = state === 'up' && !away.includes(kind) && !this.isCutOff();
    return [...others.map(({ beat }) => beat.node), ...(takesPart ? [self.name] : [])];
  }

  /** How many nodes are up, this one included if it is. */
  countUp(): number {
    const states = [this.options.report().state, ...this.living().map(({ beat }) => beat.state)];
    return states.filter((state) => state === 'up').length;
  }

  /** Whether another node could take what this one gives up. */
  hasOthers(): boolean {
    return this.living().some(({ beat }) => beat.state === 'up');
  }

  /** Whether everybody knows of the same nodes, so that what one hands over another will take. */
  isAgreed(): boolean {
    const view = this.view();
    return this.living().every(({ beat }) => beat.state !== 'up' || beat.view === view);
  }

  /**
   * The incarnations whose connections for a kind must not be ended.
   * @returns undefined while this node has not listened for long enough to know
   */
  spared(kind: Kind): readonly string[] | undefined {
    const now = this.options.clock.monotonicMs();
    if (now - this.listeningSince < FENCE_MS || now - this.heardSelfAt > SUSPECT_MS) return undefined;
    const spared = [...this.members.values()].filter(
      ({ beat, heardAt }) => now - heardAt < FENCE_MS && !beat.away.includes(kind),
    );
    return [this.options.self.incarnation, ...spared.map(({ beat }) => beat.incarnation)];
  }

  private living(): Member[] {
    return [...this.members.values()].filter(({ alive }) => alive);
  }

  /** Who is up, and what of it does not work: the same text on every node that knows the same. */
  private view(): string {
    const { self, report } = this.options;
    const beats = [...this.living().map(({ beat }) => beat), { incarnation: self.incarnation, ...report() }];
    return beats
      .filter(({ state }) => state === 'up')
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
      this.excuseOthers(now, lateMs);
    }
    this.judge(now);
    // After a long pause others may have taken the shards: the sockets tell, before the next round.
    if (lateMs < SUSPECT_MS) this.tell();
    this.expectedTick = now + BEAT_EVERY_MS;
    this.callOff = clock.later(BEAT_EVERY_MS, () => this.tick());
  }

  /** Who was heard meanwhile all the same was heard now, and not later: it may be silent from now on. */
  private excuseOthers(now: number, ms: number): void {
    for (const member of this.members.values()) member.heardAt = Math.min(now, member.heardAt + ms);
  }

  private judge(now: number): void {
    if (now - this.heardSelfAt > SUSPECT_MS) {
      if (this.isCutOff()) this.options.onChange();
      return;
    }
    for (const [incarnation, member] of this.members) {
      if (member.alive && now - member.heardAt > SUSPECT_MS) {
        this.bury(incarnation, member);
      }
      if (now - member.heardAt > FORGET_MS) this.members.delete(incarnation);
    }
  }

  private bury(incarnation: string, member: Member): void {
    const { node, state } = member.beat;
    if (state !== 'leaving') this.options.logger.warn({ node, incarnation }, 'a node is silent');
    member.alive = false;
    this.claims.forget(incarnation);
    this.options.transport.giveUpOn(member.beat.node);
    this.options.onChange();
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
    if (!beat) {
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
      // Nobody was heard, so nobody was silent.
      this.excuseOthers(now, silentMs);
      this.listeningSince = now;
    }
    this.heardSelfAt = now;
    if (silentMs > CUT_OFF_MS) this.options.onChange();
  }

  private heardStranger(beat: Heartbeat): void {
    if (this.strangers.has(beat.incarnation)) return;
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
    const { clock, logger } = this.options;
    const { incarnation, node } = beat;
    const known = this.members.get(incarnation);
    const namesakes = [...this.members].filter(
      ([other, member]) => other !== incarnation && member.beat.node === node,
    );
    // An earlier start of a node that is there again has nothing to say any more.
    if (namesakes.some(([, member]) => member.beat.startedMs > beat.startedMs)) return;
    for (const [other, member] of namesakes) {
      this.bury(other, member);
      this.members.delete(other);
    }
    if (beat.state === 'left') {
      if (known) this.bury(incarnation, known);
      this.members.delete(incarnation);
      return;
    }
    const isNews =
      !known?.alive ||
      known.beat.state !== beat.state ||
      known.beat.view !== beat.view ||
      known.beat.away.join() !== beat.away.join();
    this.members.set(incarnation, { beat, heardAt: clock.monotonicMs(), alive: true });
    const moved = this.claims.heard(incarnation, node, beat.holds);
    if (!known?.alive) {
      logger.info({ node, incarnation, state: beat.state }, known ? 'a node is back' : 'a node is there');
      // It learns of us at once, not with our next heartbeat.
      this.announce();
    }
    if (isNews || moved) this.options.onChange();
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
