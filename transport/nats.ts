// The transport over NATS: core NATS between nodes and at the front door, JetStream for events. It connects once
// and goes on, whatever becomes of the broker in between.
import { createInbox, Events, type NatsConnection, type Subscription } from 'nats';
import { setTimeout as pause } from 'node:timers/promises';
import { GROUPS, type Group, type GroupName } from '../actors/domain/events';
import { TransportError, type Transport } from '../actors/domain/ports/transport';
import { ToldReasons } from '../actors/domain/told-reasons';
import { NatsConsumption } from './nats-consumption';
import { NatsFrontDoor } from './nats-front-door';
import * as codes from './nats-errors';
import { connectFirst, type NatsOptions } from './nats-options';
import { NatsPublications } from './nats-publications';
import { NatsStreams } from './nats-streams';
import { NodeLink } from './node-link';
import { textOf } from './codec';
import { HEARTBEAT_SUBJECT, INBOX_PREFIX, nodeSubject } from './subjects';
import { tryFor } from './try-for';
import { atMost } from './under-way';

export type { NatsOptions } from './nats-options';

const DEFAULT_MAX_BYTES = 1_048_576;
const ACK_WAIT_MS = 30_000;
const LAST_FLUSH_MS = 1_000;
const BETWEEN_CHECKS_MS = 500;
const HEARD_WITHIN_MS = 10_000;

/** @throws NatsError when the broker refuses us, or is not there in time */
export async function connectNats(options: NatsOptions): Promise<Transport> {
  return new OverNats(await connectFirst(options), options);
}

class OverNats implements Transport {
  private connected = true;
  private state: 'open' | 'closing' | 'closed' = 'open';
  private readonly inbox = createInbox(INBOX_PREFIX);
  private readonly link: NodeLink;
  private readonly door: NatsFrontDoor;
  private readonly publications: NatsPublications;
  private readonly streams: NatsStreams;
  private readonly ackWaitMs: number;
  private node: Subscription | undefined;
  private readonly consumptions = new Set<NatsConsumption>();
  private readonly reconnectListeners: (() => void)[] = [];

  constructor(
    private readonly connection: NatsConnection,
    private readonly options: NatsOptions,
  ) {
    const { logger, replicas = 1, ackWaitMs = ACK_WAIT_MS } = options;
    this.ackWaitMs = ackWaitMs;
    this.door = new NatsFrontDoor(connection, logger);
    this.publications = new NatsPublications(connection, logger);
    this.streams = new NatsStreams(connection, this.publications, { replicas, ackWaitMs, logger });
    this.link = new NodeLink(
      {
        inbox: this.inbox,
        isConnected: () => this.isConnected(),
        maxBytes: () => connection.info?.max_payload ?? DEFAULT_MAX_BYTES,
        post: (subject, bytes, reply) =>
          connection.publish(subject, bytes, reply === undefined ? {} : { reply }),
      },
      logger,
    );
    connection.subscribe(`${this.inbox}.*`, {
      callback: (error, msg) => {
        if (error) logger.error({ err: error }, 'answers cannot be heard');
        else this.link.answered(msg.subject, msg.data, msg.headers?.code === 503);
      },
    });
    void this.follow();
  }

  send: Transport['send'] = (node, envelope, timeoutMs) => this.link.send(node, envelope, timeoutMs);

  receive: Transport['receive'] = async (node, handler) => {
    this.node = this.connection.subscribe(nodeSubject(node), {
      callback: (error, msg) => {
        if (error) this.options.logger.error({ err: error, node }, 'this node may not be reached');
        else this.link.heard(msg.data, msg.reply, handler);
      },
    });
    // Whoever learns of this node from now on finds it listening.
    await this.heard();
  };

  serve: Transport['serve'] = async (subject, handler) => {
    await this.door.serve(subject, handler);
    await this.heard();
  };

  request: Transport['request'] = (subject, body, timeoutMs) =>
    this.isConnected() ? this.door.request(subject, body, timeoutMs) : Promise.reject(disconnected());

  ensureStreams: Transport['ensureStreams'] = () => this.streams.ensure();

  publish: Transport['publish'] = (publication) =>
    this.isConnected() ? this.streams.publish(publication) : Promise.reject(disconnected());

  consume: Transport['consume'] = async (name, concurrency, handler) => {
    const group = groupNamed(name);
    const { connection, streams, ackWaitMs } = this;
    const consumption = new NatsConsumption({
      connection,
      isConnected: () => this.isConnected(),
      streams,
      logger: this.options.logger,
      ackWaitMs,
      group,
      concurrency,
      handler,
    });
    this.consumptions.add(consumption);
    await consumption.start();
    return {
      stop: async () => {
        await consumption.stop();
        this.consumptions.delete(consumption);
      },
    };
  };

  outstanding: Transport['outstanding'] = async (name) => {
    if (!this.isConnected()) throw disconnected();
    return this.streams.outstanding(groupNamed(name));
  };

  broadcast(message: string): void {
    // While the broker is away the client would keep it, and tell later what is not true any more.
    if (this.connected && this.state === 'open') this.connection.publish(HEARTBEAT_SUBJECT, message);
  }

  onBroadcast: Transport['onBroadcast'] = async (listener) => {
    this.connection.subscribe(HEARTBEAT_SUBJECT, {
      callback: (error, msg) => {
        if (error) this.options.logger.error({ err: error }, 'other nodes may not be heard');
        else listener(textOf(msg.data));
      },
    });
    await this.heard();
  };

  /** Resolves when the broker knows what we listen to. If it goes away meanwhile, the client tells it again. */
  private async heard(): Promise<void> {
    try {
      const isPassing = (error: unknown): boolean => this.state === 'open' && codes.isPassing(error);
      await tryFor(HEARD_WITHIN_MS, () => this.connection.flush(), isPassing);
    } catch (error) {
      throw codes.transportError(error, 'telling the broker what this node listens to');
    }
  }

  giveUpOn(node: string): void {
    this.link.giveUpOn(node);
  }

  onReconnect(listener: () => void): void {
    this.reconnectListeners.push(listener);
  }

  onStreamsLost(listener: () => void): void {
    this.streams.onLost(listener);
  }

  isConnected(): boolean {
    return this.connected && this.state !== 'closed';
  }

  async close(withinMs: number): Promise<void> {
    if (this.state !== 'open') return;
    this.state = 'closing';
    await atMost(withinMs, this.finish());
    for (const consumption of this.consumptions) consumption.abandon();
    this.link.close();
    this.publications.close();
    // A drain waits for the broker, which may be away.
    if (this.connected) await atMost(LAST_FLUSH_MS, this.connection.drain());
    this.state = 'closed';
    await this.connection.close();
  }

  /** Takes no more, and waits for what is under way. Handlers that run may still ask and publish. */
  private async finish(): Promise<void> {
    const stops = [...this.consumptions].map((consumption) => consumption.stop());
    if (this.connected) await Promise.allSettled([this.node?.drain(), this.door.stop()]);
    await Promise.all([this.link.idle(), this.door.idle(), ...stops]);
  }

  private reconnected(): void {
    for (const consumption of this.consumptions) consumption.reconnected();
    void this.checkStreams();
    for (const listener of this.reconnectListeners) {
      try {
        listener();
      } catch (error) {
        this.options.logger.error({ err: error }, 'a listener to the reconnect failed');
      }
    }
  }

  /** A broker that comes back may have lost its disk, and be slow to say so. */
  private async checkStreams(): Promise<void> {
    const toldReasons = new ToldReasons();
    while (this.streams.wereEnsured() && this.isConnected()) {
      try {
        await this.streams.restore();
        return;
      } catch (error) {
        if (toldReasons.isNew(error))
          this.options.logger.warn(
            { err: error },
            'the streams cannot be checked now; that is tried until it can be done',
          );
        await pause(BETWEEN_CHECKS_MS, undefined, { ref: false });
      }
    }
  }

  private async follow(): Promise<void> {
    const { logger } = this.options;
    let told = '';
    for await (const { type, data, permissionContext } of this.connection.status()) {
      if (type === Events.Disconnect) {
        this.connected = false;
        this.link.disconnected();
        this.publications.disconnected();
        if (this.state === 'open') logger.warn({ server: data }, 'the broker is away');
      } else if (type === Events.Reconnect) {
        this.connected = true;
        logger.info({ server: data }, 'the broker is back');
        this.reconnected();
        told = '';
      } else if (type === Events.Error) {
        if (permissionContext?.operation === 'publish')
          this.publications.forbidden(permissionContext.subject);
        // A broker that refuses us says so at every try to connect again.
        const about = JSON.stringify({ data, permissionContext });
        if (about !== told) logger.error({ error: data, permissionContext }, 'the broker reports an error');
        told = about;
      }
    }
    this.connected = false;
    if (this.state === 'open') logger.error({}, 'the connection to the broker is closed for good');
  }
}

const disconnected = () => new TransportError('disconnected', 'not connected');

function groupNamed(name: GroupName): Group {
  const group = GROUPS.find((one) => one.name === name);
  if (!group) throw new RangeError(`no such group: ${name}`);
  return group;
}
