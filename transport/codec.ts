// What travels between nodes, as JSON. Whatever comes in is checked here, item by item, so that one that does
// not decode harms none of its neighbours. The checks are by hand: this is the hot path.
import { CODES } from '../actors/domain/codes';
import { KINDS, type Answer, type Envelope } from '../actors/domain/envelope';
import { isId } from '../actors/domain/ids';

/** An envelope on its way; `ask` is the sender's number for it. */
export interface Question {
  readonly ask: number;
  readonly envelope: Envelope;
}

export interface Reply {
  readonly ask: number;
  readonly answer: Answer;
}

const kinds: ReadonlySet<unknown> = new Set(KINDS);
const retryReasons: ReadonlySet<unknown> = new Set(['not-owner', 'moving', 'busy', 'unavailable', 'not-yet']);

type Fields = Partial<Record<string, unknown>>;

const isObject = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** @returns the text of bytes; those that are no UTF-8 are replaced */
export const textOf = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');

/** @returns the items of a message, or undefined if it is poison as a whole */
export function itemsOf(bytes: Uint8Array): readonly unknown[] | undefined {
  try {
    const items: unknown = JSON.parse(textOf(bytes));
    return Array.isArray(items) ? items : undefined;
  } catch {
    return undefined;
  }
}

/** @returns the number under which an item wants its answer, even if the rest of it does not decode */
export const askOf = (item: unknown): number | undefined =>
  isObject(item) && Number.isSafeInteger(item['ask']) ? (item['ask'] as number) : undefined;

/** @returns the envelope of an item, or undefined if it is not one */
export function envelopeOf(item: unknown): Envelope | undefined {
  if (!isObject(item)) return undefined;
  const envelope = item['envelope'];
  return isEnvelope(envelope) ? envelope : undefined;
}

function isEnvelope(value: unknown): value is Envelope {
  if (!isObject(value)) return false;
  const { kind, id, shard, command, key, attempt, inbox, trace } = value;
  return (
    kinds.has(kind) &&
    typeof id === 'string' &&
    isId(id) &&
    isCount(shard, 0) &&
    isObject(command) &&
    typeof command['type'] === 'string' &&
    typeof key === 'string' &&
    isCount(attempt, 1) &&
    (trace === undefined || typeof trace === 'string') &&
    (inbox === undefined || isInboxClaim(inbox))
  );
}

const isCount = (value: unknown, least: number): boolean =>
  Number.isSafeInteger(value) && (value as number) >= least;

const isInboxClaim = (value: unknown): boolean =>
  isObject(value) &&
  typeof value['group'] === 'string' &&
  typeof value['tag'] === 'string' &&
  typeof value['key'] === 'string' &&
  typeof value['messageId'] === 'string' &&
  typeof value['body'] === 'string';

/** @returns the answer of an item, or undefined if it is not one */
export function answerOf(item: unknown): Answer | undefined {
  if (!isObject(item)) return undefined;
  const answer = item['answer'];
  return isAnswer(answer) ? answer : undefined;
}

function isAnswer(value: unknown): value is Answer {
  if (!isObject(value)) return false;
  switch (value['outcome']) {
    case 'ok':
      return true;
    case 'refused':
      return (
        typeof value['code'] === 'string' &&
        Object.hasOwn(CODES, value['code']) &&
        typeof value['invalid'] === 'boolean'
      );
    case 'retry':
      return retryReasons.has(value['reason']);
    case 'fault':
      return typeof value['message'] === 'string' && typeof value['silent'] === 'boolean';
    default:
      return false;
  }
}

/**
 * Packs items into as few messages as the limit allows: one, unless they are too many bytes. An item that
 * alone is too large, or is no JSON, is refused by itself.
 */
export function pack<Item>(
  items: readonly Item[],
  maxBytes: number,
  post: (bytes: Uint8Array, items: readonly Item[]) => void,
  refuse: (item: Item, why: string) => void,
): void {
  let why = `more than ${maxBytes} bytes`;
  try {
    const bytes = Buffer.from(JSON.stringify(items));
    if (bytes.length <= maxBytes) {
      post(bytes, items);
      return;
    }
  } catch (error) {
    why = String(error);
  }
  const [first] = items;
  if (first === undefined) return;
  if (items.length === 1) {
    refuse(first, why);
    return;
  }
  const half = items.length >> 1;
  pack(items.slice(0, half), maxBytes, post, refuse);
  pack(items.slice(half), maxBytes, post, refuse);
}
