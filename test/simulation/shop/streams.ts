// The broker's streams: what is published is kept, and delivered to one member of each group until it is acknowledged.
// Repeats of a message's id within two minutes are swallowed. Its disk may be lost, or its unsynced tail, and with it
// what was acknowledged (promise 5).
import { GROUPS, STREAMS, type Group, type GroupName, type Stream } from '../../../actors/domain/events';
import type { Delivery, Publication } from '../../../actors/domain/ports/transport';
import type { Chance } from '../../../bin/load/seeded';
import type { SimulatedTime } from '../simulated-time';

/** A member of a group, as the broker sees it. */
export interface Consumer {
  readonly group: GroupName;
  readonly concurrency: number;
  running: number;
  /** Whether it can be reached now, as far as the broker knows. */
  isThere(): boolean;
  /** Hands a delivery of the parcel's message over. */
  hand(message: Pick<Delivery, 'messageId' | 'tag' | 'body' | 'redelivered'>, parcel: Parcel): void;
  /** Whether it would say that it works on the parcel still. */
  works(parcel: Parcel): boolean;
}

export interface Parcel {
  readonly publication: Publication;
  readonly group: Group;
  readonly storedAt: number;
  deliveries: number;
  state: 'waiting' | 'out' | 'put off' | 'done';
  doneAt: number;
}

const DEDUPE_MS = 120_000;
const ACK_WAIT_MS = 5_000;
/** How likely the sign that a delivery is still worked on is lost. */
const SIGN_LOST = 0.05;

export class SimulatedStreams {
  /** Whether messages were taken away, and nobody was told. */
  wasPurged = false;
  private readonly consumers: Consumer[] = [];
  private readonly parcels: Parcel[] = [];
  private readonly seen = new Map<string, number>();
  private readonly missing = new Set<Stream>();

  constructor(
    private readonly time: SimulatedTime,
    private readonly chance: Chance,
  ) {}

  has(stream: Stream): boolean {
    return !this.missing.has(stream);
  }

  make(stream: Stream): void {
    this.missing.delete(stream);
  }

  /** Keeps a message, unless it is a repeat. */
  store(publication: Publication): void {
    const now = this.time.nowMs;
    const id = `${publication.stream}/${publication.messageId}`;
    if (now - (this.seen.get(id) ?? Number.NEGATIVE_INFINITY) < DEDUPE_MS) return;
    this.seen.set(id, now);
    for (const group of GROUPS) {
      if (group.topic !== publication.stream || group.tag !== publication.tag) continue;
      const parcel: Parcel = {
        publication,
        group,
        storedAt: now,
        deliveries: 0,
        state: 'waiting',
        doneAt: 0,
      };
      this.parcels.push(parcel);
      this.offer(parcel);
    }
  }

  attach(consumer: Consumer): void {
    this.consumers.push(consumer);
    this.pump(consumer.group);
  }

  detach(consumer: Consumer): void {
    const place = this.consumers.indexOf(consumer);
    if (place >= 0) this.consumers.splice(place, 1);
  }

  /** Somebody may have room, or be there again. */
  pump(group?: GroupName): void {
    for (const parcel of this.parcels) {
      if (group === undefined || parcel.group.name === group) this.offer(parcel);
    }
  }

  acknowledge(parcel: Parcel): void {
    if (parcel.state === 'done') return;
    parcel.state = 'done';
    parcel.doneAt = this.time.nowMs;
  }

  /** Not now: again after this long. */
  putOff(parcel: Parcel, afterMs: number): void {
    if (parcel.state !== 'out') return;
    parcel.state = 'put off';
    this.time.after(afterMs, () => this.takeBack(parcel, parcel.deliveries));
  }

  /** All that was kept is gone. */
  lose(): void {
    for (const stream of STREAMS) this.missing.add(stream);
    this.parcels.length = 0;
    this.seen.clear();
  }

  /** A power failure: what was not synced since then is as if it had not been. */
  forgetSince(moment: number): void {
    for (const [id, at] of this.seen) if (at >= moment) this.seen.delete(id);
    const kept = this.parcels.filter(({ storedAt }) => storedAt < moment);
    this.parcels.splice(0, this.parcels.length, ...kept);
    for (const parcel of kept) {
      if (parcel.state === 'done' && parcel.doneAt >= moment) this.takeBack(parcel, parcel.deliveries);
    }
  }

  /** An operator removes all messages, and nobody is told. */
  purge(): void {
    this.wasPurged = true;
    this.parcels.length = 0;
  }

  /** Messages that some group is not done with. */
  get left(): number {
    return this.parcels.filter(({ state }) => state !== 'done').length;
  }

  /** Messages that this group is not done with. */
  outstanding(group: GroupName): number {
    return this.parcels.filter((parcel) => parcel.group.name === group && parcel.state !== 'done').length;
  }

  private offer(parcel: Parcel): void {
    if (parcel.state !== 'waiting' || !this.parcels.includes(parcel)) return;
    const { name } = parcel.group;
    const free = this.consumers.filter(
      (one) => one.group === name && one.running < one.concurrency && one.isThere(),
    );
    if (free.length === 0) return;
    const consumer = this.chance.pick(free);
    parcel.state = 'out';
    parcel.deliveries += 1;
    const { messageId, tag, body } = parcel.publication;
    consumer.hand({ messageId, tag, body, redelivered: parcel.deliveries > 1 }, parcel);
    this.watch(parcel, parcel.deliveries, consumer);
  }

  /** Without a verdict or a sign of life it is delivered again. */
  private watch(parcel: Parcel, delivery: number, consumer: Consumer): void {
    this.time.after(ACK_WAIT_MS, () => {
      if (parcel.state !== 'out' || parcel.deliveries !== delivery) return;
      if (consumer.works(parcel) && !this.chance.of(SIGN_LOST)) this.watch(parcel, delivery, consumer);
      else this.takeBack(parcel, delivery);
    });
  }

  private takeBack(parcel: Parcel, delivery: number): void {
    if (parcel.deliveries !== delivery || parcel.state === 'waiting') return;
    parcel.state = 'waiting';
    this.offer(parcel);
  }
}
