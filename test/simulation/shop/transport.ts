// A node's transport over the simulated broker. Like the real one: silence is a timeout, nobody listening is told at
// once, a lost connection ends what waits, and a delivery's verdict may be lost on the way.
import { STREAMS, type GroupName } from '../../../actors/domain/events';
import type { Answer, Envelope } from '../../../actors/domain/envelope';
import {
  TransportError,
  type Delivery,
  type Publication,
  type Transport,
} from '../../../actors/domain/ports/transport';
import type { SimulatedProcess } from '../simulated-process';
import type { ShopBroker } from './broker';
import type { Consumer, Parcel } from './streams';

export type NodeTransport = Pick<
  Transport,
  | 'send'
  | 'receive'
  | 'ensureStreams'
  | 'publish'
  | 'consume'
  | 'outstanding'
  | 'onStreamsLost'
  | 'broadcast'
  | 'onBroadcast'
  | 'giveUpOn'
  | 'onReconnect'
  | 'isConnected'
>;

interface Question {
  readonly node: string;
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: Error) => void;
}

const PUBLISH_WITHIN_MS = 5_000;
const AFTER_FAULT_MS = 1_000;
/** How long it takes until a node sees that streams are gone, or that nothing comes through any more. */
const NOTICED_MS = 2_000;
const RECONNECT_MS = 300;

const copy = <Value>(value: Value): Value => JSON.parse(JSON.stringify(value)) as Value;

export class SimulatedTransport implements NodeTransport {
  private connected = true;
  private asked = 0;
  private readonly questions = new Map<number, Question>();
  private readonly reconnectListeners: (() => void)[] = [];
  private readonly lostListeners: (() => void)[] = [];

  constructor(
    private readonly process: SimulatedProcess,
    private readonly broker: ShopBroker,
  ) {
    broker.link({
      process,
      changed: (isUp) => this.changed(isUp),
      streamsLost: () => this.streamsAreGone(),
    });
  }

  /** Nothing comes through any more, and nobody says so. */
  cutOff(): void {
    this.process.reaches.broker = false;
    this.process.clock.later(NOTICED_MS, () => this.process.reaches.broker || this.changed(false));
  }

  mended(): void {
    this.process.reaches.broker = true;
    this.changed(true);
  }

  send(node: string, envelope: Envelope, timeoutMs: number): Promise<Answer> {
    if (!this.connected) return Promise.reject(new TransportError('disconnected', 'not connected'));
    const ask = ++this.asked;
    return new Promise((resolve, reject) => {
      const callOff = this.process.clock.later(timeoutMs, () =>
        this.end(ask, new TransportError('timeout', 'no answer in time')),
      );
      const settle =
        <Value>(then: (value: Value) => void) =>
        (value: Value) => {
          callOff();
          then(value);
        };
      this.questions.set(ask, { node, resolve: settle(resolve), reject: settle(reject) });
      this.post(node, ask, envelope);
    });
  }

  receive(node: string, handle: (envelope: Envelope) => Promise<Answer>): Promise<void> {
    this.broker.receivers.set(node, { process: this.process, handle });
    return Promise.resolve();
  }

  ensureStreams(): Promise<void> {
    for (const stream of STREAMS) this.broker.streams.make(stream);
    return Promise.resolve();
  }

  publish(publication: Publication): Promise<void> {
    const { process, broker } = this;
    if (!this.connected) return Promise.reject(new TransportError('disconnected', 'not connected'));
    return new Promise((resolve, reject) => {
      const callOff = process.clock.later(PUBLISH_WITHIN_MS, () =>
        reject(new TransportError('timeout', 'the broker did not acknowledge')),
      );
      this.toBroker(() => {
        if (!broker.streams.has(publication.stream)) return this.streamsAreGone();
        broker.streams.store(publication);
        this.toProcess(() => {
          callOff();
          resolve();
        });
      });
    });
  }

  consume(
    group: GroupName,
    concurrency: number,
    handler: (delivery: Delivery) => ReturnType<Parameters<Transport['consume']>[2]>,
  ) {
    const { process, broker } = this;
    const atWork = new Map<Parcel, number>();
    const consumer: Consumer = {
      group,
      concurrency,
      running: 0,
      isThere: () => process.state !== 'dead' && broker.reaches(process),
      works: (parcel) => process.state === 'running' && broker.reaches(process) && atWork.has(parcel),
      hand: (message, parcel) =>
        this.toProcess(() => {
          consumer.running += 1;
          atWork.set(parcel, (atWork.get(parcel) ?? 0) + 1);
          const delivery = { ...message, stillWorking: () => undefined };
          void handler(delivery)
            .catch(() => ({ verdict: 'again', afterMs: AFTER_FAULT_MS }) as const)
            .then((verdict) => {
              consumer.running -= 1;
              const left = (atWork.get(parcel) ?? 1) - 1;
              if (left === 0) atWork.delete(parcel);
              else atWork.set(parcel, left);
              this.toBroker(() => {
                if (verdict.verdict === 'done') broker.streams.acknowledge(parcel);
                else broker.streams.putOff(parcel, verdict.afterMs);
              });
            });
        }),
    };
    broker.streams.attach(consumer);
    process.onDeath(() => broker.streams.detach(consumer));
    return Promise.resolve({
      stop: () => {
        broker.streams.detach(consumer);
        return Promise.resolve();
      },
    });
  }

  outstanding(group: GroupName): Promise<number> {
    return this.connected
      ? Promise.resolve(this.broker.streams.outstanding(group))
      : Promise.reject(new TransportError('disconnected', 'not connected'));
  }

  onStreamsLost(listener: () => void): void {
    this.lostListeners.push(listener);
  }

  broadcast(message: string): void {
    if (this.connected) this.broker.broadcast(this.process, message);
  }

  onBroadcast(listener: (message: string) => void): Promise<void> {
    this.broker.listen(this.process, listener);
    return Promise.resolve();
  }

  giveUpOn(node: string): void {
    this.endAll((question) => question.node === node, 'the node is gone');
  }

  onReconnect(listener: () => void): void {
    this.reconnectListeners.push(listener);
  }

  isConnected(): boolean {
    return this.connected;
  }

  private post(node: string, ask: number, envelope: Envelope): void {
    this.toBroker(() => {
      const receiver = this.broker.receivers.get(node);
      if (!receiver) {
        const error = new TransportError('no-responders', 'no such node listens');
        return this.toProcess(() => this.end(ask, error));
      }
      this.broker.network.carry(() => {
        if (!this.broker.reaches(receiver.process)) return;
        receiver.process.turn('sockets', () => {
          void receiver.handle(copy(envelope)).then((answer) => {
            // Whoever died or was cut off meanwhile says nothing.
            if (receiver.process.state === 'dead' || !this.broker.reaches(receiver.process)) return;
            this.toProcess(() => this.take(ask)?.resolve(copy(answer)));
          });
        });
      });
    });
  }

  private end(ask: number, error: Error): void {
    this.take(ask)?.reject(error);
  }

  /** @returns undefined if it was answered or ended before */
  private take(ask: number): Question | undefined {
    const question = this.questions.get(ask);
    this.questions.delete(ask);
    return question;
  }

  private endAll(isConcerned: (question: Question) => boolean, why: string): void {
    for (const [ask, question] of this.questions) {
      if (isConcerned(question)) this.end(ask, new TransportError('disconnected', why));
    }
  }

  private toBroker(arrive: () => void): void {
    const { broker, process } = this;
    if (process.state === 'dead') return;
    broker.network.carry(() => {
      if (broker.reaches(process)) arrive();
    });
  }

  private toProcess(arrive: () => void): void {
    const { broker, process } = this;
    broker.network.carry(() => {
      if (broker.reaches(process)) process.turn('sockets', arrive);
    });
  }

  private changed(isUp: boolean): void {
    const { process } = this;
    if (!isUp) {
      process.turn('sockets', () => {
        this.connected = false;
        this.endAll(() => true, 'the broker went away before the answer');
      });
      return;
    }
    process.clock.later(RECONNECT_MS, () => {
      if (this.connected || !this.broker.reaches(process)) return;
      this.connected = true;
      this.restoreStreams();
      for (const listener of this.reconnectListeners) listener();
    });
  }

  private streamsAreGone(): void {
    this.process.clock.later(NOTICED_MS, () => this.restoreStreams());
  }

  private restoreStreams(): void {
    const gone = STREAMS.filter((stream) => !this.broker.streams.has(stream));
    if (gone.length === 0) return;
    for (const stream of gone) this.broker.streams.make(stream);
    for (const listener of this.lostListeners) listener();
  }
}
