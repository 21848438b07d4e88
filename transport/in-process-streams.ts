// Events inside one process. Nothing is kept here: a publication counts as delivered only when every group is
// done with it, so until then its outbox row is unsent, and the next start sends it again.
import { GROUPS, groupsOf, type GroupName } from '../actors/domain/events';
import {
  TransportError,
  type Consumption,
  type Delivery,
  type DeliveryVerdict,
  type Publication,
} from '../actors/domain/ports/transport';
import { Delivered } from './delivered';
import type { Logger } from './logger';
import { UnderWay } from './under-way';

type DeliveryHandler = (delivery: Delivery) => Promise<DeliveryVerdict>;

interface Parcel {
  readonly publication: Publication;
  redelivered: boolean;
  readonly done: () => void;
}

interface Consumer {
  readonly handler: DeliveryHandler;
  readonly concurrency: number;
  readonly underWay: UnderWay;
  running: number;
}

interface Queue {
  readonly waiting: Parcel[];
  readonly consumers: Set<Consumer>;
  /** Parcels that are not done, whether they wait, are handled or come again later. */
  outstanding: number;
}

const AFTER_FAULT_MS = 1_000;

export class InProcessStreams {
  private readonly queues = new Map<string, Queue>(
    GROUPS.map(({ name }) => [name, { waiting: [], consumers: new Set(), outstanding: 0 }]),
  );
  private readonly underWay = new Map<string, { done: Promise<void>; reject: (error: Error) => void }>();
  private readonly delivered = new Delivered();
  private readonly timers = new Set<NodeJS.Timeout>();
  private closed = false;

  /** Resolves when every group is done. A repeat of one that is under way, or was lately done, adds nothing. */
  publish(publication: Publication): Promise<void> {
    if (this.closed) return Promise.reject(new TransportError('disconnected', 'closed'));
    const id = `${publication.stream}/${publication.messageId}`;
    const same = this.underWay.get(id);
    if (same) return same.done;
    if (this.delivered.has(id)) return Promise.resolve();
    const { promise, resolve, reject } = withResolvers();
    this.underWay.set(id, { done: promise, reject });
    void this.toEveryGroup(publication).then(() => {
      this.delivered.add(id);
      this.underWay.delete(id);
      resolve();
    });
    return promise;
  }

  constructor(private readonly logger: Logger) {}

  consume(group: GroupName, concurrency: number, handler: DeliveryHandler): Consumption {
    const queue = this.queueOf(group);
    const consumer: Consumer = { handler, concurrency, underWay: new UnderWay(), running: 0 };
    queue.consumers.add(consumer);
    this.pump(queue);
    return {
      stop: () => {
        queue.consumers.delete(consumer);
        return consumer.underWay.idle();
      },
    };
  }

  /** Messages that a group was not given yet, or is not done with. */
  outstanding(group: GroupName): number {
    return this.queueOf(group).outstanding;
  }

  /** Stops all consuming; resolves when no handler runs. */
  async stop(): Promise<void> {
    const consumers = [...this.queues.values()].flatMap((queue) => [...queue.consumers]);
    for (const queue of this.queues.values()) queue.consumers.clear();
    await Promise.all(consumers.map((consumer) => consumer.underWay.idle()));
  }

  /** Ends the publications that some group is not done with. */
  close(): void {
    this.closed = true;
    for (const timer of this.timers) clearTimeout(timer);
    this.timers.clear();
    for (const { reject } of this.underWay.values()) {
      reject(new TransportError('timeout', 'closed before every group was done'));
    }
    this.underWay.clear();
  }

  private async toEveryGroup(publication: Publication): Promise<void> {
    const groups = groupsOf(publication.tag).filter((group) => group.topic === publication.stream);
    await Promise.all(
      groups.map(
        (group) =>
          new Promise<void>((done) => {
            const queue = this.queueOf(group.name);
            queue.outstanding += 1;
            queue.waiting.push({ publication, redelivered: false, done });
            this.pump(queue);
          }),
      ),
    );
  }

  private queueOf(group: string): Queue {
    const queue = this.queues.get(group);
    if (!queue) throw new RangeError(`no such group: ${group}`);
    return queue;
  }

  private pump(queue: Queue): void {
    for (const consumer of queue.consumers) {
      while (consumer.running < consumer.concurrency) {
        const parcel = queue.waiting.shift();
        if (!parcel) return;
        consumer.running += 1;
        void consumer.underWay.run(() => this.deliver(parcel, consumer, queue));
      }
    }
  }

  private async deliver(parcel: Parcel, consumer: Consumer, queue: Queue): Promise<void> {
    const { messageId, tag, body } = parcel.publication;
    const { redelivered } = parcel;
    let verdict: DeliveryVerdict;
    await new Promise(setImmediate);
    try {
      verdict = await consumer.handler({ messageId, tag, body, redelivered, stillWorking: () => undefined });
    } catch (error) {
      this.logger.error({ err: error, messageId, tag }, 'a delivery was not handled');
      verdict = { verdict: 'again', afterMs: AFTER_FAULT_MS };
    }
    consumer.running -= 1;
    if (verdict.verdict === 'done') {
      queue.outstanding -= 1;
      parcel.done();
    } else
      this.later(verdict.afterMs, () => {
        parcel.redelivered = true;
        queue.waiting.push(parcel);
        this.pump(queue);
      });
    this.pump(queue);
  }

  private later(afterMs: number, run: () => void): void {
    if (this.closed) return;
    const timer = setTimeout(
      () => {
        this.timers.delete(timer);
        run();
      },
      Math.max(1, afterMs),
    );
    this.timers.add(timer);
  }
}

function withResolvers() {
  let resolve!: () => void;
  let reject!: (error: Error) => void;
  const promise = new Promise<void>((ok, fail) => {
    resolve = ok;
    reject = fail;
  });
  // Whoever published may have stopped waiting before the transport closes.
  promise.catch(() => undefined);
  return { promise, resolve, reject };
}
