// One message of a stream. How it is acknowledged stands in its reply subject:
// $JS.ACK.<stream>.<consumer>.<delivered>.<stream seq>.<consumer seq>.<time>.<pending>, in newer brokers with
// <domain>.<account> after ACK and a random token at the end.
import { nanos, type Msg } from 'nats';
import type { Stream } from '../actors/domain/events';
import type { Delivery, DeliveryVerdict } from '../actors/domain/ports/transport';
import { textOf } from './codec';
import { tagOf } from './subjects';

const PREFIX = '$JS.ACK.';

/** Ours are shorter. Whoever publishes may name his messages as he likes, and they are kept under their names. */
const LONGEST_ID = 1_500;

export const isDelivery = (msg: Msg): boolean => msg.reply?.startsWith(PREFIX) ?? false;

export function deliveryOf(stream: Stream, msg: Msg): Delivery {
  const tokens = (msg.reply ?? '').split('.');
  const at = tokens.length >= 11 ? 6 : 4;
  const id = msg.headers?.get('Nats-Msg-Id') ?? '';
  return {
    messageId: id === '' || id.length > LONGEST_ID ? `${stream}:${tokens[at + 1] ?? ''}` : id,
    tag: tagOf(stream, msg.subject),
    body: textOf(msg.data),
    redelivered: Number(tokens[at]) > 1,
    stillWorking: () => working(msg),
  };
}

/** Tells the broker the verdict. A nak without a delay would come back at once, again and again. */
export function tell(msg: Msg, verdict: DeliveryVerdict): void {
  if (verdict.verdict === 'done') respond(msg, '+ACK');
  else respond(msg, `-NAK ${JSON.stringify({ delay: nanos(Math.max(1, Math.round(verdict.afterMs))) })}`);
}

export const working = (msg: Msg): void => respond(msg, '+WPI');

/** A verdict that cannot be told is no harm: the broker delivers again, and the inbox knows (R11). */
function respond(msg: Msg, text: string): void {
  try {
    msg.respond(text);
  } catch {
    // The connection is closed.
  }
}
