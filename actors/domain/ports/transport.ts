// What the broker does: commands between nodes, requests from outside, and events.
import type { Answer, Envelope } from '../envelope';
import type { GroupName, Stream, Tag } from '../events';

/** What a stream delivers to a group. */
export interface Delivery {
  readonly messageId: string;
  readonly tag: string;
  /** The body as text; bytes that are no UTF-8 are replaced. */
  readonly body: string;
  readonly redelivered: boolean;
  /** Tells the broker that the work goes on. */
  stillWorking(): void;
}

/** `done`: never again. `again`: deliver once more after this long. */
export type DeliveryVerdict =
  { readonly verdict: 'done' } | { readonly verdict: 'again'; readonly afterMs: number };

export interface Consumption {
  stop(): Promise<void>;
}

/** A message to publish. The id makes a repeat within the broker's window harmless. */
export interface Publication {
  readonly stream: Stream;
  readonly tag: Tag;
  readonly messageId: string;
  readonly body: string;
}

/**
 * Why a request got no answer. `no-responders` and `too-large` were not delivered; `disconnected` and `timeout`
 * may have been, so sending again is a repeat.
 */
export class TransportError extends Error {
  constructor(
    readonly reason: 'no-responders' | 'timeout' | 'disconnected' | 'too-large',
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = 'TransportError';
  }
}

export interface Transport {
  /** Sends one envelope to a node; what one tick sends to one node travels as one message. @throws TransportError */
  send(node: string, envelope: Envelope, timeoutMs: number): Promise<Answer>;
  /** Takes the envelopes that are sent to this node. Called once. */
  receive(node: string, handler: (envelope: Envelope) => Promise<Answer>): Promise<void>;

  /** Serves a front-door subject (`trade.order.place`); requests and replies are JSON text. */
  serve(subject: string, handler: (body: string, trace?: string) => Promise<string>): Promise<void>;
  /** Asks a front-door subject. @throws TransportError */
  request(subject: string, body: string, timeoutMs: number): Promise<string>;

  /** Makes the streams and groups that are not there. */
  ensureStreams(): Promise<void>;
  /** Resolves when the broker has it (in-process: when every group is done with it). @throws TransportError */
  publish(publication: Publication): Promise<void>;
  /** Starts to consume for a group; at most `concurrency` deliveries are under way at once. */
  consume(
    group: GroupName,
    concurrency: number,
    handler: (delivery: Delivery) => Promise<DeliveryVerdict>,
  ): Promise<Consumption>;

  /** Messages that a group was not given yet, or is not done with. @throws TransportError */
  outstanding(group: GroupName): Promise<number>;

  /** Called when streams were found gone and made anew: all that is kept must go out again (R12). */
  onStreamsLost(listener: () => void): void;

  /** Tells every node of the deployment, this one too. Nobody answers; what cannot be sent now is dropped. */
  broadcast(message: string): void;
  /** Hears what is broadcast. Called once. */
  onBroadcast(listener: (message: string) => void): Promise<void>;
  /** Ends what waits for answers of a node that is gone; whether it was done is unknown. */
  giveUpOn(node: string): void;

  /** Called after every reconnect. */
  onReconnect(listener: () => void): void;
  isConnected(): boolean;
  /** Stops taking, lets what is under way end within the time, and closes. */
  close(withinMs: number): Promise<void>;
}
