// Consumes for one group. At most `concurrency` deliveries run, because never more are asked for than there are
// free places: the client's own consumer asks ahead, and what waits there would run out of time.
// It survives whatever happens to its durable: one that was deleted, or from which nothing is heard, not even a
// heartbeat, is made again and asked anew.
import { createInbox, nanos, type Msg, type NatsConnection, type Subscription } from 'nats';
import type { Group } from '../actors/domain/events';
import type { Consumption, Delivery, DeliveryVerdict } from '../actors/domain/ports/transport';
import { ToldReasons } from '../actors/domain/told-reasons';
import type { Logger } from './logger';
import { deliveryOf, isDelivery, tell, working } from './nats-delivery';
import type { NatsStreams } from './nats-streams';
import { RunningDeliveries } from './running-deliveries';
import { INBOX_PREFIX } from './subjects';
import { atMost, UnderWay } from './under-way';

export interface ConsumptionParts {
  readonly connection: NatsConnection;
  readonly isConnected: () => boolean;
  readonly streams: NatsStreams;
  readonly logger: Logger;
  readonly ackWaitMs: number;
  readonly group: Group;
  readonly concurrency: number;
  readonly handler: (delivery: Delivery) => Promise<DeliveryVerdict>;
}

const PULL_MS = 30_000;
const HEARTBEAT_MS = 1_000;
const SILENCE_MS = 2_500;
const WATCH_MS = 500;
const AFTER_FAULT_MS = 1_000;
const DRAIN_WITHIN_MS = 2_000;

const HEARTBEAT = 100;
const NO_MESSAGES = 404;
const PULL_ENDED = 408;

export class NatsConsumption implements Consumption {
  private subscription: Subscription | undefined;
  private inbox = '';
  private readonly running = new RunningDeliveries<Msg>();
  private readonly underWay = new UnderWay();
  /** How many messages the pull that is under way may still bring. One pull at a time. */
  private outstanding = 0;
  private lastHeard = 0;
  private isSuspect = false;
  private isBroken = true;
  private isRestoring = false;
  private isStopped = false;
  private lastSignOfLife = 0;
  private watch: NodeJS.Timeout | undefined;
  /**
   * Counts the durables we have had. An acknowledgement names a message by its number only, so one of a deleted
   * durable must not be sent to its successor.
   */
  private durable = 0;
  private born: string | undefined;
  private readonly toldReasons = new ToldReasons();

  constructor(private readonly parts: ConsumptionParts) {}

  /** Resolves after the first try; if that failed, it goes on trying. */
  async start(): Promise<void> {
    this.watch = setInterval(() => this.look(), WATCH_MS);
    await this.restore();
  }

  /** The connection is new: what was asked for on the old one is lost. */
  reconnected(): void {
    this.isBroken = true;
    void this.restore();
  }

  async stop(): Promise<void> {
    this.isStopped = true;
    // What is on its way is handed back meanwhile.
    if (this.subscription && this.parts.isConnected())
      await atMost(DRAIN_WITHIN_MS, this.subscription.drain());
    else this.subscription?.unsubscribe();
    await this.underWay.idle();
    clearInterval(this.watch);
  }

  /** Ends it where `stop` could not in time: what runs stays without verdict. */
  abandon(): void {
    this.isStopped = true;
    clearInterval(this.watch);
  }

  private look(): void {
    const now = performance.now();
    if (!this.parts.isConnected()) return;
    if (now - this.lastSignOfLife > this.parts.ackWaitMs / 3) {
      this.lastSignOfLife = now;
      for (const msg of this.running.of(this.durable)) working(msg);
    }
    if (this.isStopped) return;
    if (this.outstanding > 0 && now - this.lastHeard > SILENCE_MS) {
      // Twice in a row: after a pause of this process the heartbeats lie unread in the socket.
      if (this.isSuspect) this.isBroken = true;
      this.isSuspect = true;
    }
    if (this.isBroken) void this.restore();
  }

  private async restore(): Promise<void> {
    if (this.isRestoring || this.isStopped) return;
    this.isRestoring = true;
    const { streams, group, connection, logger } = this.parts;
    try {
      await streams.restore();
      const born = streams.bornOf(group);
      if (born !== this.born) this.durable += 1;
      this.born = born;
      if (this.hasStopped()) return;
      // A new inbox: the broker forgets what was asked for on the old one.
      this.subscription?.unsubscribe();
      this.inbox = createInbox(INBOX_PREFIX);
      this.subscription = connection.subscribe(this.inbox, {
        callback: (error, msg) => this.heard(error, msg),
      });
      this.outstanding = 0;
      this.isSuspect = false;
      this.isBroken = false;
      if (this.toldReasons.over()) logger.info({ group: group.name }, 'a group consumes again');
    } catch (error) {
      if (this.toldReasons.isNew(error))
        logger.warn({ err: error, group: group.name }, 'a group cannot consume now, and tries until it can');
    } finally {
      this.isRestoring = false;
    }
    this.pull();
  }

  private hasStopped(): boolean {
    return this.isStopped;
  }

  private pull(): void {
    const free = this.parts.concurrency - this.running.size;
    if (this.isStopped || this.isBroken || this.outstanding > 0 || free <= 0) return;
    const { topic, name } = this.parts.group;
    const request = { batch: free, expires: nanos(PULL_MS), idle_heartbeat: nanos(HEARTBEAT_MS) };
    try {
      this.parts.connection.publish(`$JS.API.CONSUMER.MSG.NEXT.${topic}.${name}`, JSON.stringify(request), {
        reply: this.inbox,
      });
      this.outstanding = free;
      this.lastHeard = performance.now();
    } catch {
      this.isBroken = true;
    }
  }

  /** Never throws: it is called from the client's reader. */
  private heard(error: Error | null, msg: Msg): void {
    this.lastHeard = performance.now();
    this.isSuspect = false;
    if (error) {
      this.parts.logger.error({ err: error, group: this.parts.group.name }, 'a group may not consume');
      this.isBroken = true;
    } else if (isDelivery(msg)) this.delivered(msg);
    else this.status(msg);
  }

  private delivered(msg: Msg): void {
    if (this.isStopped) {
      tell(msg, { verdict: 'again', afterMs: 1 });
      return;
    }
    this.outstanding -= 1;
    this.underWay.enter();
    void this.handle(msg, this.durable);
    this.pull();
  }

  private async handle(msg: Msg, durable: number): Promise<void> {
    const { group, handler, logger } = this.parts;
    const end = this.running.begin(msg, durable);
    let verdict: DeliveryVerdict;
    try {
      verdict = await handler(deliveryOf(group.topic, msg));
    } catch (error) {
      logger.error({ err: error, group: group.name, subject: msg.subject }, 'a delivery was not handled');
      verdict = { verdict: 'again', afterMs: AFTER_FAULT_MS };
    }
    if (durable === this.durable) tell(msg, verdict);
    end();
    this.underWay.leave();
    this.pull();
  }

  private status(msg: Msg): void {
    const code = msg.headers?.code ?? 0;
    if (code === HEARTBEAT) return;
    this.outstanding = 0;
    if (code === NO_MESSAGES || code === PULL_ENDED) {
      this.pull();
      return;
    }
    const { logger, group } = this.parts;
    logger.warn({ group: group.name, code, why: msg.headers?.description }, 'a durable does not answer');
    // The watch restores it, not this: what is refused again and again must not be asked for in a loop.
    this.isBroken = true;
  }
}
