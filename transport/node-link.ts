// Envelopes and answers between nodes: what a few ticks have for one node is one message, and answers go back in
// the same way. Both transports use this; they differ in the wire.
import { fault, type Answer, type Envelope } from '../actors/domain/envelope';
import { TransportError } from '../actors/domain/ports/transport';
import { answerOf, askOf, envelopeOf, itemsOf, pack, type Question, type Reply } from './codec';
import type { Logger } from './logger';
import { Pending } from './pending';
import { answersTo, batchReply, inboxTopic, nodeSubject } from './subjects';
import { TickBatch } from './tick-batch';
import { UnderWay } from './under-way';

/** What carries the messages. */
export interface NodeWire {
  /** Begins every subject that answers to us come back on. */
  readonly inbox: string;
  isConnected(): boolean;
  maxBytes(): number;
  /** @throws if it cannot be handed over now */
  post(subject: string, bytes: Uint8Array, reply?: string): void;
}

interface Outgoing {
  readonly envelope: Envelope;
  readonly timeoutMs: number;
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: Error) => void;
}

export type NodeHandler = (envelope: Envelope) => Promise<Answer>;

export class NodeLink {
  private readonly questions = new TickBatch<Outgoing>((subject, batch) => this.ask(subject, batch));
  private readonly replies = new TickBatch<Reply>((subject, batch) => this.reply(subject, batch));
  private readonly pending = new Pending<Answer>(() => new TransportError('timeout', 'no answer in time'));
  private readonly underWay = new UnderWay();

  constructor(
    private readonly wire: NodeWire,
    private readonly logger: Logger,
  ) {}

  send(node: string, envelope: Envelope, timeoutMs: number): Promise<Answer> {
    if (!this.wire.isConnected()) return Promise.reject(new TransportError('disconnected', 'not connected'));
    return new Promise((resolve, reject) => {
      this.questions.add(nodeSubject(node), { envelope, timeoutMs, resolve, reject });
    });
  }

  /** Takes a message that came on a node's subject. Never throws: it is called from the wire's reader. */
  heard(bytes: Uint8Array, reply: string | undefined, handler: NodeHandler): void {
    const items = itemsOf(bytes);
    if (!items || reply === undefined || reply === '') {
      const why = items ? 'it names nobody to answer' : 'it is no JSON array';
      this.logger.warn({ why, bytes: bytes.length }, 'a message to this node was dropped');
      return;
    }
    const answersSubject = answersTo(reply);
    for (const item of items) void this.handle(item, answersSubject, handler);
  }

  /** Takes a message that came on our inbox. Never throws. */
  answered(subject: string, bytes: Uint8Array, nobodyListens: boolean): void {
    const topic = inboxTopic(subject);
    if (topic === 'answers') this.settle(bytes);
    else if (topic && nobodyListens) {
      for (let ask = topic.first; ask < topic.first + topic.count; ask += 1) {
        this.pending.fail(ask, new TransportError('no-responders', 'no such node listens'));
      }
    }
  }

  /** Resolves when no handler runs, and their answers are handed to the wire. */
  async idle(): Promise<void> {
    await this.underWay.idle();
    this.replies.flush();
  }

  /**
   * The broker is away, and with it the answers that were on their way: nobody was silent, so whoever waits asks
   * again, as a repeat.
   */
  disconnected(): void {
    this.pending.failAll(() => new TransportError('disconnected', 'the broker went away before the answer'));
  }

  /** Ends what waits for answers of a node that is gone: whoever waits asks its successor, as a repeat. */
  giveUpOn(node: string): void {
    const subject = nodeSubject(node);
    this.pending.failThose(
      (address) => address === subject,
      () => new TransportError('disconnected', 'the node is gone'),
    );
  }

  /** Ends what still waits for an answer: whether it was done is unknown. */
  close(): void {
    this.questions.flush();
    this.replies.flush();
    this.pending.failAll();
  }

  private ask(subject: string, batch: readonly Outgoing[]): void {
    if (!this.wire.isConnected()) {
      for (const one of batch) one.reject(new TransportError('disconnected', 'not connected'));
      return;
    }
    const questions = batch.map((one): Question => ({
      ask: this.pending.open(one, one.timeoutMs, subject),
      envelope: one.envelope,
    }));
    pack(
      questions,
      this.wire.maxBytes(),
      (bytes, part) => this.post(subject, bytes, part),
      ({ ask }, why) =>
        this.pending.fail(ask, new TransportError('too-large', `the envelope cannot travel: ${why}`)),
    );
  }

  private post(subject: string, bytes: Uint8Array, part: readonly Question[]): void {
    const first = part[0]?.ask ?? 0;
    try {
      this.wire.post(subject, bytes, batchReply(this.wire.inbox, first, part.length));
    } catch (cause) {
      for (const { ask } of part) {
        this.pending.fail(ask, new TransportError('disconnected', 'could not be handed over', { cause }));
      }
    }
  }

  private async handle(item: unknown, answersSubject: string, handler: NodeHandler): Promise<void> {
    const ask = askOf(item);
    const envelope = envelopeOf(item);
    if (ask === undefined || envelope === undefined) {
      this.logger.warn({ ask }, 'an item to this node is no envelope');
      if (ask !== undefined) this.replies.add(answersSubject, { ask, answer: fault('not an envelope') });
      return;
    }
    let answer: Answer;
    this.underWay.enter();
    try {
      answer = await handler(envelope);
    } catch (error) {
      this.logger.error({ err: error, kind: envelope.kind, id: envelope.id }, 'an envelope was not handled');
      answer = fault(error instanceof Error ? error.message : String(error));
    }
    this.replies.add(answersSubject, { ask, answer });
    this.underWay.leave();
  }

  private reply(subject: string, batch: readonly Reply[]): void {
    const post = (bytes: Uint8Array) => {
      try {
        this.wire.post(subject, bytes);
      } catch (error) {
        this.logger.warn({ err: error, answers: batch.length }, 'answers could not be sent');
      }
    };
    pack(batch, this.wire.maxBytes(), post, ({ ask }, why) => {
      this.logger.error({ why }, 'an answer cannot travel');
      post(Buffer.from(JSON.stringify([{ ask, answer: fault(`the answer cannot travel: ${why}`) }])));
    });
  }

  private settle(bytes: Uint8Array): void {
    const items = itemsOf(bytes);
    if (!items) this.logger.warn({ bytes: bytes.length }, 'answers that are no JSON array were dropped');
    for (const item of items ?? []) {
      const ask = askOf(item);
      if (ask !== undefined) this.pending.settle(ask, answerOf(item) ?? fault('the answer does not decode'));
    }
  }
}
