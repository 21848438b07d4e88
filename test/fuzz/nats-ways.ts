// The subjects of the broker: the front door, whose users have every right; events, which are hints; and what only
// nodes should use, where bytes come all the same.
import fc from 'fast-check';
import type { NatsConnection } from 'nats';
import { FRONT_DOOR, type Request } from '../../actors/domain/front-door';
import { STREAMS } from '../../actors/domain/events';
import { EVENT_BODIES } from '../../actors/domain/schemas';
import { headerText } from '../../transport/subjects';
import { signAs } from '../helpers/platform';
import { told, outcomeOf } from './envelope-verdict';
import { fitting, type Known, type Schema } from './fitting';
import type { HttpParts } from './http-way';
import { hostileText } from './hostile';
import { namedByOperators, namedInEvents, rightOrders } from './known';
import { garbled, textsOf } from './nearly';
import { textOf, type Shape } from './shape';
import { heartbeats } from './heartbeats';
import { commandsToNodes, NODE_SUBJECT } from './node-commands';
import { wayOf, type Way } from './way';

const ANSWER_WITHIN_MS = 20_000;

export interface NatsParts extends HttpParts {
  readonly connection: NatsConnection;
  /** A heartbeat of the node, as it sent it. */
  readonly heartbeat: string;
  /** Transactions that are booked. */
  readonly transactions: readonly string[];
}

const bytesOf = fc.oneof(
  { weight: 19, arbitrary: fc.constant('utf8' as const) },
  { weight: 1, arbitrary: fc.constant('latin1' as const) },
);

function frontDoor(parts: NatsParts, request: Request, known: Known): Way {
  const { connection, effects, world } = parts;
  const schema = FRONT_DOOR[request] as Schema;
  const byschema = fitting(schema, known);
  const fits = request === 'order.place' ? fc.oneof(byschema, rightOrders(world, world.others)) : byschema;
  const inputs = fc.record({
    text: textsOf(fits),
    encoding: bytesOf,
    trace: fc.option(hostileText, { freq: 9 }),
  });
  return wayOf(`trade.${request}`, request === 'order.place' ? 4 : 1, inputs, async ({ text, encoding }) => {
    const bytes = Buffer.from(text, encoding);
    if (bytes.length > (connection.info?.max_payload ?? 0)) return undefined;
    const reply = await connection.request(`trade.${request}`, bytes, { timeout: ANSWER_WITHIN_MS });
    const said = told(reply.string());
    if (typeof said === 'string') return said;
    effects.note(request, bytes.toString('utf8'), outcomeOf(said));
    return request === 'payment.callback' && said.success
      ? 'a callback that nobody signed is a success'
      : undefined;
  });
}

const SIGNED = ['payId', 'orderId', 'isPaid', 'payAmount', 'transactionId'];

/** Callbacks with the platform's signature over what they should say, in the body beside it. */
function signedCallback(parts: NatsParts, known: Known): Way {
  const { connection, effects, world } = parts;
  const schema = FRONT_DOOR['payment.callback'] as Schema;
  const { signature: _signature, ...properties } = schema.properties ?? {};
  const fits = fitting({ ...schema, properties }, known);
  return wayOf('trade.payment.callback, signed', 2, fits, async (shape) => {
    const body = JSON.parse(textOf(shape)) as Record<string, unknown>;
    const signed = Object.fromEntries(SIGNED.flatMap((name) => (name in body ? [[name, body[name]]] : [])));
    const signature = signAs(world.node.dataDir, JSON.stringify(signed));
    const text = JSON.stringify({ ...body, signature });
    const reply = await connection.request('trade.payment.callback', text, { timeout: ANSWER_WITHIN_MS });
    const said = told(reply.string());
    if (typeof said === 'string') return said;
    effects.note('payment.callback', text, outcomeOf(said));
    return undefined;
  });
}

/** Members that nobody checks, because they are hints: true events have them. */
const HINTS: Readonly<Record<string, Schema>> = {
  goodsId: {},
  lines: {
    anyOf: [{ type: 'array', items: { anyOf: [{ properties: { goodsId: {} }, type: 'object' }, {}] } }, {}],
  },
  userId: {},
  couponId: {},
  payAmount: {},
  reason: {},
};

function event(parts: NatsParts, subject: string, schema: Schema, known: Known): Way {
  const { connection } = parts;
  const jetstream = connection.jetstream();
  const hinted = { ...schema, properties: { ...HINTS, ...schema.properties } };
  // The broker answers nothing to headers of more than 64 kB.
  const ids = hostileText.map((one) => headerText(Buffer.from(one).toString()).slice(0, 30_000));
  const id = fc.option(ids, { freq: 9 });
  const inputs = fc.record({ text: textsOf(fitting(hinted, known)), encoding: bytesOf, id });
  return wayOf(subject, 0.7, inputs, async ({ text, encoding, id: msgID }) => {
    const bytes = Buffer.from(text, encoding);
    if (bytes.length > (connection.info?.max_payload ?? 0)) return undefined;
    await jetstream.publish(subject, bytes, msgID === null ? {} : { msgID });
    return undefined;
  });
}

/** What nobody answers: what came of it shows in the health of the node, its log and the books. */
function unanswered(parts: NatsParts, subject: string, weight: number, inputs: fc.Arbitrary<string>): Way {
  const { connection } = parts;
  const all = fc.record({
    text: inputs,
    encoding: bytesOf,
    reply: fc.constantFrom('fuzz.answers.1-1', 'a', ''),
  });
  return wayOf(subject, weight, all, async ({ text, encoding, reply }) => {
    const bytes = Buffer.from(text, encoding);
    if (bytes.length > (connection.info?.max_payload ?? 0)) return undefined;
    connection.publish(subject, bytes, reply === '' ? {} : { reply });
    await connection.flush();
    return undefined;
  });
}

export function natsWays(parts: NatsParts): readonly Way[] {
  const known = namedByOperators(parts.world);
  const named = namedInEvents(parts.world, parts.transactions);
  const bodies: Readonly<Record<string, unknown>> = EVENT_BODIES;
  const subjects = STREAMS.flatMap((stream) =>
    [...Object.keys(EVENT_BODIES), 'nothing'].map((tag) => [`${stream}.${tag}`, bodies[tag]] as const),
  );
  const anything = (fits: fc.Arbitrary<Shape>): fc.Arbitrary<string> =>
    fc.oneof(
      { weight: 4, arbitrary: textsOf(fits) },
      { weight: 1, arbitrary: fits.map(textOf).chain(garbled) },
    );
  return [
    ...(Object.keys(FRONT_DOOR) as Request[]).map((request) => frontDoor(parts, request, known)),
    signedCallback(parts, known),
    ...subjects.map(([subject, schema]) =>
      event(parts, subject, (schema ?? EVENT_BODIES.pay_refund) as Schema, named),
    ),
    unanswered(parts, NODE_SUBJECT, 4, anything(commandsToNodes)),
    unanswered(parts, 'trade.cluster.heartbeat', 2, heartbeats(parts.heartbeat)),
  ];
}
