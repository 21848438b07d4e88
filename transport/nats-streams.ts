// The streams and durables: made when they are not there, made anew when they were deleted under us. Postgres is
// the truth (promise 5), so a stream that is new only has to be told of: its owner sends the outbox again.
import {
  AckPolicy,
  DeliverPolicy,
  DiscardPolicy,
  nanos,
  RetentionPolicy,
  StorageType,
  type JetStreamManager,
  type NatsConnection,
} from 'nats';
import { setTimeout as pause } from 'node:timers/promises';
import { GROUPS, STREAMS, type Group, type Stream } from '../actors/domain/events';
import { TransportError, type Publication } from '../actors/domain/ports/transport';
import type { Logger } from './logger';
import * as codes from './nats-errors';
import type { NatsPublications, Receipt } from './nats-publications';
import { eventSubject, headerText } from './subjects';
import { tryFor } from './try-for';

const DAY_MS = 86_400_000;
const KEEP_MS = 7 * DAY_MS;
const DUPLICATE_WINDOW_MS = 120_000;
const MAX_ACK_PENDING = 1_000;
/**
 * nats-server forgets a deleted stream before it has removed the files: those of a successor of the same name, made
 * at once, would go with them, and its messages could never be read.
 */
const AFTER_DELETION_MS = 1_000;
/** nats-servers that have just found each other may not agree on anything for some seconds. */
const ENSURE_WITHIN_MS = 30_000;

export interface StreamsOptions {
  readonly replicas: number;
  readonly ackWaitMs: number;
  readonly logger: Logger;
}

export class NatsStreams {
  private manager: JetStreamManager | undefined;
  private ensuring: Promise<void> | undefined;
  private readonly bornAt = new Map<string, string>();
  /** A stream was made anew, and nobody was told yet. */
  private isNewsOwed = false;
  private readonly listeners: (() => void)[] = [];
  /** Streams with another number of copies, of which the log has been told. */
  private readonly toldOf = new Set<Stream>();

  constructor(
    private readonly connection: NatsConnection,
    private readonly publications: Pick<NatsPublications, 'publish'>,
    private readonly options: StreamsOptions,
  ) {}

  /**
   * Makes what is not there; a broker that needs a while for it is waited for. What is found or made for the first time
   * is no news: whoever becomes the keeper of an outbox sends it again anyway.
   * @throws Error saying why they cannot be made
   */
  async ensure(): Promise<void> {
    const isPassing = (error: unknown): boolean => {
      const passes = codes.isPassing(error);
      if (passes) this.options.logger.warn({ err: error }, 'the streams cannot be made yet');
      return passes;
    };
    try {
      await tryFor(ENSURE_WITHIN_MS, () => this.makeAll(), isPassing);
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      throw new Error(`the streams cannot be made at the broker: ${why}`, { cause: error });
    }
  }

  /** Makes again what was deleted under us; the listeners are told. */
  async restore(): Promise<void> {
    await this.makeAll();
    this.tell();
  }

  onLost(listener: () => void): void {
    this.listeners.push(listener);
    queueMicrotask(() => this.tell());
  }

  wereEnsured(): boolean {
    return this.bornAt.size > 0;
  }

  /** When a durable was made: another moment means that it is another one. */
  bornOf(group: Group): string | undefined {
    return this.bornAt.get(group.name);
  }

  /** @throws TransportError */
  async publish(publication: Publication): Promise<void> {
    if ((await this.send(publication)) === 'kept') return;
    // Nobody takes it: JetStream is away, or the stream was deleted.
    try {
      await this.restore();
      if ((await this.send(publication)) === 'kept') return;
    } catch {
      // What was wrong at first says more.
    }
    throw new TransportError('no-responders', `publishing ${publication.messageId}: no stream takes it`);
  }

  /** Messages that a group was not given yet, or is not done with. @throws TransportError */
  async outstanding({ name, topic }: Group): Promise<number> {
    try {
      const manager = await this.managed();
      const { num_pending, num_ack_pending } = await manager.consumers.info(topic, name);
      return num_pending + num_ack_pending;
    } catch (error) {
      throw codes.transportError(error, `asking for what ${name} is not done with`);
    }
  }

  private async send({ stream, tag, messageId, body }: Publication): Promise<'kept' | 'nobody'> {
    const what = `publishing ${messageId}`;
    let said: Receipt;
    try {
      said = await this.publications.publish(eventSubject(stream, tag), body, headerText(messageId));
    } catch (error) {
      throw codes.transportError(error, what);
    }
    if (said.receipt === 'refused') throw new TransportError('no-responders', `${what}: ${said.why}`);
    return said.receipt;
  }

  private tell(): void {
    if (this.listeners.length === 0 || !this.isNewsOwed) return;
    this.isNewsOwed = false;
    for (const listener of this.listeners) listener();
  }

  /** One at a time in this process; other nodes may do the same at the same moment. */
  private makeAll(): Promise<void> {
    this.ensuring ??= this.make().finally(() => {
      this.ensuring = undefined;
    });
    return this.ensuring;
  }

  private async make(): Promise<void> {
    const manager = await this.managed();
    await Promise.all(STREAMS.map((stream) => this.makeStream(manager, stream)));
    await Promise.all(GROUPS.map((group) => this.makeDurable(manager, group)));
  }

  private async managed(): Promise<JetStreamManager> {
    this.manager ??= await this.connection.jetstreamManager({ checkAPI: false });
    return this.manager;
  }

  private async makeStream(manager: JetStreamManager, stream: Stream): Promise<void> {
    const info = await found(
      () => manager.streams.info(stream),
      [codes.STREAM_NOT_FOUND],
      async () => {
        if (this.bornAt.has(stream)) await pause(AFTER_DELETION_MS, undefined, { ref: false });
        return manager.streams.add({
          name: stream,
          subjects: [`${stream}.>`],
          storage: StorageType.File,
          retention: RetentionPolicy.Limits,
          discard: DiscardPolicy.Old,
          max_age: nanos(KEEP_MS),
          duplicate_window: nanos(DUPLICATE_WINDOW_MS),
          num_replicas: this.options.replicas,
        });
      },
      [codes.STREAM_NAME_IN_USE],
    );
    const known = this.bornAt.get(stream);
    this.bornAt.set(stream, info.created);
    if (known !== undefined && known !== info.created) this.isNewsOwed = true;
    this.compareCopies(stream, info.config.num_replicas);
  }

  /** Nodes may not edit streams, and need not: somebody else has to know. */
  private compareCopies(stream: Stream, copies: number): void {
    const { replicas, logger } = this.options;
    if (copies === replicas || this.toldOf.has(stream)) return;
    this.toldOf.add(stream);
    logger.warn(
      { stream, copies, replicas },
      `the copies of ${stream} are ${copies}, not NATS_REPLICAS: nats stream edit ${stream} --replicas ${replicas}`,
    );
  }

  private async makeDurable(manager: JetStreamManager, { name, topic, tag }: Group): Promise<void> {
    const changeable = {
      ack_wait: nanos(this.options.ackWaitMs),
      // The database counts the attempts (R11).
      max_deliver: -1,
      max_ack_pending: MAX_ACK_PENDING,
    };
    const info = await found(
      () => manager.consumers.info(topic, name),
      [codes.CONSUMER_NOT_FOUND],
      () =>
        manager.consumers.add(topic, {
          durable_name: name,
          filter_subject: eventSubject(topic, tag),
          ack_policy: AckPolicy.Explicit,
          deliver_policy: DeliverPolicy.All,
          ...changeable,
        }),
      [codes.CONSUMER_NAME_IN_USE, codes.CONSUMER_EXISTS],
    );
    this.bornAt.set(name, info.created);
    const { ack_wait, max_deliver, max_ack_pending } = info.config;
    const stands = { ack_wait, max_deliver, max_ack_pending };
    const fits = Object.entries(changeable).every(
      ([key, value]) => stands[key as keyof typeof stands] === value,
    );
    if (!fits) await manager.consumers.update(topic, name, changeable);
  }
}

/** Looks, makes what is missing, and looks again if another node was quicker with other options. */
async function found<Info>(
  look: () => Promise<Info>,
  missing: readonly number[],
  make: () => Promise<Info>,
  taken: readonly number[],
): Promise<Info> {
  try {
    return await look();
  } catch (error) {
    if (!missing.includes(codes.apiCode(error) ?? 0)) throw error;
  }
  try {
    return await make();
  } catch (error) {
    if (!taken.includes(codes.apiCode(error) ?? 0)) throw error;
    return look();
  }
}
