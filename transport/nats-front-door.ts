// The front-door subjects, as endpoints of one NATS micro service, so that `nats micro ls|info|stats` shows them.
import {
  ServiceErrorCodeHeader,
  ServiceErrorHeader,
  type NatsConnection,
  type Service,
  type ServiceMsg,
} from 'nats';
import { TransportError } from '../actors/domain/ports/transport';
import type { Logger } from './logger';
import { transportError } from './nats-errors';
import { textOf } from './codec';
import { endpointName } from './subjects';
import { UnderWay } from './under-way';

export type FrontHandler = (body: string, trace?: string) => Promise<string>;

export class NatsFrontDoor {
  private service: Promise<Service> | undefined;
  private readonly underWay = new UnderWay();
  private isStopping = false;

  constructor(
    private readonly connection: NatsConnection,
    private readonly logger: Logger,
  ) {}

  async serve(subject: string, handler: FrontHandler): Promise<void> {
    this.service ??= this.open();
    const service = await this.service;
    service.addEndpoint(endpointName(subject), {
      subject,
      handler: (error, msg) => {
        if (error) this.logger.error({ err: error, subject }, 'a front-door subject may not be served');
        else void this.underWay.run(() => this.answer(msg, handler));
      },
    });
  }

  /** @throws TransportError */
  async request(subject: string, body: string, timeoutMs: number): Promise<string> {
    try {
      const reply = await this.connection.request(subject, body, { timeout: Math.max(1, timeoutMs) });
      if (!reply.headers?.has(ServiceErrorCodeHeader)) return textOf(reply.data);
      // What the handler did before it failed is unknown, as with a timeout.
      throw new TransportError('timeout', `the handler failed: ${reply.headers.get(ServiceErrorHeader)}`);
    } catch (error) {
      throw transportError(error, `asking ${subject}`);
    }
  }

  /** Takes no more requests. */
  async stop(): Promise<void> {
    this.isStopping = true;
    await (await this.service)?.stop();
  }

  idle(): Promise<void> {
    return this.underWay.idle();
  }

  private async open(): Promise<Service> {
    const service = await this.connection.services.add({
      name: 'trade',
      version: '0.1.0',
      description: 'Orders and payments: the front door',
    });
    void service.stopped.then((error) => {
      if (!this.isStopping && error) this.logger.error({ err: error }, 'the front door is shut');
    });
    return service;
  }

  private async answer(msg: ServiceMsg, handler: FrontHandler): Promise<void> {
    const trace = msg.headers?.get('traceparent') ?? '';
    try {
      const reply = await (trace === '' ? handler(textOf(msg.data)) : handler(textOf(msg.data), trace));
      msg.respond(reply);
    } catch (error) {
      this.logger.error({ err: error, subject: msg.subject }, 'a request was not handled');
      try {
        msg.respondError(500, 'the request was not handled');
      } catch (cause) {
        this.logger.warn({ err: cause, subject: msg.subject }, 'a request could not be answered');
      }
    }
  }
}
