// Events on their way to JetStream, and its receipts. The client's own way makes a timer and an error, stack and all, for
// each of them, used or not: that was a fifteenth of what a callback costs.
import { createInbox, headers, type NatsConnection } from 'nats';
import { TransportError } from '../actors/domain/ports/transport';
import { textOf } from './codec';
import type { Logger } from './logger';
import { Pending } from './pending';
import { INBOX_PREFIX } from './subjects';

/** What JetStream says of an event; `nobody`: no stream takes its subject, or JetStream is not there. */
export type Receipt =
  | { readonly receipt: 'kept' }
  | { readonly receipt: 'nobody' }
  | { readonly receipt: 'refused'; readonly why: string };

const WITHIN_MS = 5_000;
const NO_RESPONDERS = 503;
const MESSAGE_ID = 'Nats-Msg-Id';

export class NatsPublications {
  private readonly inbox = createInbox(INBOX_PREFIX);
  private readonly pending = new Pending<Receipt>(
    () => new TransportError('timeout', 'JetStream does not say whether it keeps the event'),
  );

  constructor(
    private readonly connection: NatsConnection,
    logger: Logger,
  ) {
    connection.subscribe(`${this.inbox}.*`, {
      callback: (error, msg) => {
        if (error) {
          logger.error({ err: error }, 'receipts of events cannot be heard');
          return;
        }
        const id = Number(msg.subject.slice(this.inbox.length + 1));
        this.pending.settle(
          id,
          msg.headers?.code === NO_RESPONDERS ? { receipt: 'nobody' } : receiptOf(msg.data),
        );
      },
    });
  }

  /**
   * @param messageId makes a repeat within the broker's window harmless
   * @throws what the client throws if it cannot take it; TransportError if there is no receipt
   */
  publish(subject: string, body: string, messageId: string): Promise<Receipt> {
    return new Promise((resolve, reject) => {
      const id = this.pending.open({ resolve, reject }, WITHIN_MS, subject);
      const named = headers();
      named.set(MESSAGE_ID, messageId);
      try {
        this.connection.publish(subject, body, { headers: named, reply: `${this.inbox}.${id}` });
      } catch (error) {
        this.pending.fail(id, error instanceof Error ? error : new Error(String(error)));
      }
    });
  }

  /** The broker went away, and with it the receipts that were on their way. */
  disconnected(): void {
    this.pending.failAll(() => new TransportError('disconnected', 'the broker went away before its receipt'));
  }

  /** The broker does not let us publish to a subject. */
  forbidden(subject: string): void {
    this.pending.failThose(
      (address) => address === subject,
      () => new TransportError('timeout', `we may not publish to ${subject}`),
    );
  }

  /** Ends what still waits. */
  close(): void {
    this.pending.failAll();
  }
}

function receiptOf(bytes: Uint8Array): Receipt {
  const text = textOf(bytes);
  const refused = (why: string): Receipt => ({ receipt: 'refused', why });
  try {
    const said = JSON.parse(text) as { error?: { description?: unknown }; seq?: unknown } | null;
    if (typeof said?.seq === 'number' && said.seq > 0) return { receipt: 'kept' };
    const why = said?.error?.description;
    return refused(typeof why === 'string' ? why : text.slice(0, 200));
  } catch {
    return refused(`JetStream says what is no JSON: ${text.slice(0, 200)}`);
  }
}
