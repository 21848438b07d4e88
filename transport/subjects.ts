// Subject names: what is built here can be parsed here, and no name can widen into a wildcard.
import type { Stream } from '../actors/domain/events';

const NODE_PREFIX = 'trade.node.';

/** Where every node tells all others that it lives, and what it holds. */
export const HEARTBEAT_SUBJECT = 'trade.cluster.heartbeat';

/** Of nodes alone: whoever may hear all of `_INBOX.>` hears nothing of what nodes are answered. */
export const INBOX_PREFIX = '_INBOX_trade';

/** The subject that a node listens on. A host name may hold dots, which would be further tokens: they are escaped. */
export const nodeSubject = (node: string): string =>
  NODE_PREFIX + encodeURIComponent(node).replace(/[.*]/g, (char) => (char === '.' ? '%2E' : '%2A'));

/** @returns the node's name, or undefined if this is no node's subject */
export function nodeOf(subject: string): string | undefined {
  if (!subject.startsWith(NODE_PREFIX)) return undefined;
  try {
    return decodeURIComponent(subject.slice(NODE_PREFIX.length));
  } catch {
    return undefined;
  }
}

export const eventSubject = (stream: Stream, tag: string): string => `${stream}.${tag}`;

/** A text as a header's value: those of other characters than print are escaped, and no two become one. */
export const headerText = (text: string): string => text.replace(/[^!-$&-~]/gu, encodeURIComponent);

export const tagOf = (stream: Stream, subject: string): string => subject.slice(stream.length + 1);

/** The name of a front-door subject's endpoint, which may hold no dots: `trade.order.place` is `order-place`. */
export const endpointName = (subject: string): string =>
  subject.replace(/^trade\./, '').replace(/[^A-Za-z0-9_-]/g, '-');

// A batch goes out with the reply subject `<inbox>.<first>-<count>`, so that the broker's "nobody listens"
// says by itself whom it concerns; answers come back on `<inbox>.answers`.
const ANSWERS = 'answers';

export const batchReply = (inbox: string, first: number, count: number): string =>
  `${inbox}.${first}-${count}`;

/** Where the answers to a batch go, whoever it came from. */
export const answersTo = (reply: string): string => `${reply.slice(0, reply.lastIndexOf('.'))}.${ANSWERS}`;

/** What a message on an inbox is about: answers, or the batch that nobody took. */
export function inboxTopic(subject: string): 'answers' | { first: number; count: number } | undefined {
  const token = subject.slice(subject.lastIndexOf('.') + 1);
  if (token === ANSWERS) return ANSWERS;
  const batch = /^(\d+)-(\d+)$/.exec(token);
  return batch ? { first: Number(batch[1]), count: Number(batch[2]) } : undefined;
}
