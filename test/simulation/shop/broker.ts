// The broker that nodes talk over: who listens to which name, who is linked, and what it keeps in its streams.
import type { Answer, Envelope } from '../../../actors/domain/envelope';
import { SimulatedBroker } from '../simulated-broker';
import type { SimulatedProcess } from '../simulated-process';
import type { SimulatedTime } from '../simulated-time';
import type { SimulatedNetwork } from './network';
import type { SimulatedStreams } from './streams';

export interface Link {
  readonly process: SimulatedProcess;
  /** The broker went, or came back: the link's process learns of it. */
  changed(isUp: boolean): void;
  /** The streams are gone. */
  streamsLost(): void;
}

export interface Receiver {
  readonly process: SimulatedProcess;
  readonly handle: (envelope: Envelope) => Promise<Answer>;
}

/** What is published is tried for a place this often. */
const PUMP_EVERY_MS = 1_000;

export class ShopBroker extends SimulatedBroker {
  readonly receivers = new Map<string, Receiver>();
  private readonly links = new Set<Link>();

  constructor(
    private readonly clock: SimulatedTime,
    readonly network: SimulatedNetwork,
    readonly streams: SimulatedStreams,
  ) {
    super(clock);
    this.delayMs = network.delayMs;
    this.pumpAndRepeat();
  }

  link(link: Link): void {
    this.links.add(link);
    link.process.onDeath(() => {
      this.links.delete(link);
      for (const [name, { process }] of this.receivers)
        if (process === link.process) this.receivers.delete(name);
    });
  }

  goDown(): void {
    this.isUp = false;
    for (const link of this.links) link.changed(false);
  }

  comeUp(): void {
    this.isUp = true;
    for (const link of this.links) link.changed(true);
  }

  loseStreams(): void {
    this.streams.lose();
    for (const link of this.links) link.streamsLost();
  }

  private pumpAndRepeat(): void {
    if (this.isUp) this.streams.pump();
    this.clock.after(PUMP_EVERY_MS, () => this.pumpAndRepeat());
  }
}
