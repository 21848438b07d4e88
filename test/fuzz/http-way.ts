// Sends a request as it is written and judges the answer: an envelope, no fault of ours, and nothing without right.
import { told, outcomeOf } from './envelope-verdict';
import type { Effects } from './effects';
import { exchange, type Exchanged } from './exchange';
import type { HttpInput, Route } from './http-inputs';
import { tokensOf, type Secrets, type TokenName } from './tokens';
import type { World } from './world';
import type { Request } from '../../actors/domain/front-door';

const ANSWER_WITHIN_MS = 20_000;

/** Which request of the front door a route's body is. */
const REQUESTS: Readonly<Record<string, Request>> = {
  'POST /order': 'order.place',
  'POST /admin/goods': 'goods.create',
  'POST /admin/stock': 'goods.restock',
  'POST /admin/coupons': 'coupon.issue',
  'POST /admin/recharge': 'wallet.recharge',
};

const head = (input: HttpInput, token: string | undefined, length: number): Buffer => {
  const { framing, body } = input;
  const framed: Readonly<Record<typeof framing, string[]>> = {
    length: [`content-length: ${length}`],
    chunked: ['transfer-encoding: chunked'],
    'too short': [`content-length: ${length + 10}`],
    'two lengths': [`content-length: ${length}`, `content-length: ${length + 1}`],
    'length and chunks': [`content-length: ${length}`, 'transfer-encoding: chunked'],
  };
  const lines = [
    `${input.method} ${input.target} HTTP/1.1`,
    ...(input.isHostNamed ? ['host: 127.0.0.1'] : []),
    'connection: close',
    ...(token === undefined ? [] : [`authorization: Bearer ${token}`]),
    ...input.headers.map(([name, value]) => `${name}: ${value}`),
    ...(body === undefined ? [] : framed[framing]),
  ];
  return Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1');
};

function bytesOf(input: HttpInput, token: string | undefined): Buffer {
  const body = Buffer.from(input.body ?? '', input.encoding);
  const isChunked = input.body !== undefined && /chunk/.test(input.framing);
  const chunk = [Buffer.from(`${body.length.toString(16)}\r\n`), body, Buffer.from('\r\n')];
  const framed = isChunked
    ? Buffer.concat([...(body.length > 0 ? chunk : []), Buffer.from('0\r\n\r\n')])
    : body;
  return Buffer.concat([head(input, token, body.length), framed]);
}

/** What is answered with success and is no envelope: pages, and the word that the platform waits for. */
const isPage = ({ head: lines }: Exchanged): boolean => !/\ncontent-type: application\/json/i.test(lines);

const RIGHTS: Readonly<Record<Route['rights'], (token: TokenName) => boolean>> = {
  anybody: () => true,
  customer: (token) => token === 'customer',
  operator: (token) => token === 'operator',
};

export interface HttpParts {
  readonly world: World;
  readonly secrets: Secrets;
  readonly effects: Effects;
}

/** @param more what else must hold where the answer is a success. @returns what sends and judges an input */
export function httpSender(
  { world, secrets, effects }: HttpParts,
  route: Pick<Route, 'method' | 'path' | 'rights'> | undefined,
  more: (input: HttpInput) => string | undefined = () => undefined,
) {
  const [userId = ''] = world.customers.userIds;
  const tokens = tokensOf(secrets, userId);
  const port = Number(new URL(world.node.url).port);
  const requestOf = ({ method }: HttpInput) => route && REQUESTS[`${method} ${route.path}`];
  const victims = world.victims.userIds;

  /** The body as a reader of UTF-8 sees it. */
  const seen = ({ body = '', encoding }: HttpInput): string => Buffer.from(body, encoding).toString('utf8');

  const judge = (input: HttpInput, answer: Exchanged): string | undefined => {
    const { status, body } = answer;
    // Whoever goes away before his request has ended may hear half of the answer.
    const isCut = answer.isCut && input.method !== 'HEAD';
    if (status === undefined || isCut) {
      effects.note(requestOf(input), seen(input), 'unknown');
      const isFinished = input.framing === 'length' || input.framing === 'chunked';
      const fault = isCut ? 'cut off' : answer.fault;
      return isFinished || fault === 'none in time' ? `no answer: ${fault}` : undefined;
    }
    if (status === 500) return `500: ${body.slice(0, 300)}`;
    if (status < 400 && isPage(answer)) return more(input);
    if (input.method === 'HEAD') return undefined;
    const said = told(body);
    if (typeof said === 'string') return `${status}: ${said}`;
    effects.note(requestOf(input), seen(input), outcomeOf(said));
    if (!said.success || !route) return undefined;
    if (!RIGHTS[route.rights](input.token)) return `success for a token that is ${input.token}`;
    const leaked = route.rights === 'operator' ? undefined : victims.find((victim) => body.includes(victim));
    if (leaked !== undefined && !body.includes('"token"'))
      return `told of another user: ${body.slice(0, 300)}`;
    return more(input);
  };

  return async (input: HttpInput): Promise<string | undefined> => {
    const isAll = input.body !== undefined && input.framing !== 'length' && input.framing !== 'chunked';
    const answer = await exchange(port, bytesOf(input, tokens[input.token]), isAll, ANSWER_WITHIN_MS);
    return judge(input, answer);
  };
}
