// The payment platform's word: callbacks signed rightly over anything, and wrongly over what would be right.
import fc from 'fast-check';
import { generateKeyPairSync, sign } from 'node:crypto';
import { CallbackBody, SignedCallbackBody } from '../../actors/domain/schemas';
import { signAs } from '../helpers/platform';
import { fitting, type Known, type Schema } from './fitting';
import type { HttpInput } from './http-inputs';
import { httpSender, type HttpParts } from './http-way';
import { namedByForgers, namedByOperators } from './known';
import { textsOf } from './nearly';
import { wayOf, type Way } from './way';

const FORGER = generateKeyPairSync('rsa', { modulusLength: 2048 });

/** How a signature is not the platform's over these bytes. */
const FORGERIES = [
  ...(['missing', 'empty', 'a word', 'another key', 'over other bytes', 'over nothing', 'cut off'] as const),
  ...(['twice', 'very long', 'an algorithm less'] as const),
] as const;
type Forgery = (typeof FORGERIES)[number];

function forged(dataDir: string, body: string, how: Forgery): string | undefined {
  switch (how) {
    case 'missing':
      return undefined;
    case 'empty':
      return '';
    case 'a word':
      return 'c2lnbmF0dXJl';
    case 'another key':
      return sign('RSA-SHA256', Buffer.from(body), FORGER.privateKey).toString('base64');
    case 'over other bytes':
      return signAs(dataDir, `${body} `);
    case 'over nothing':
      return body === '' ? 'c2lnbmF0dXJl' : signAs(dataDir, '');
    case 'cut off':
      return signAs(dataDir, body).slice(0, -8);
    case 'twice':
      return `${signAs(dataDir, `${body} `)}, ${signAs(dataDir, `${body}\n`)}`;
    case 'very long':
      return 'A'.repeat(8_000);
    case 'an algorithm less':
      return Buffer.from(body).toString('base64');
  }
}

const callback = (target: string, body: string, signature: string | undefined): HttpInput => ({
  ...{ token: 'none', method: 'POST', target, body, encoding: 'utf8', framing: 'length', isHostNamed: true },
  headers: [
    ['content-type', 'application/json'],
    ...(signature === undefined ? [] : ([['x-signature', signature]] as const)),
  ],
});

const URLS = ['/pay/callbackPayment', '/pay/callbackPayment/sandbox'];

const bodiesOf = (known: Known): fc.Arbitrary<string> =>
  fc.oneof(
    { weight: 19, arbitrary: textsOf(fitting(CallbackBody as Schema, known)) },
    { weight: 1, arbitrary: textsOf(fitting(SignedCallbackBody as Schema, known)) },
  );

/** The two ways of callbacks over HTTP. */
export function callbackWays(parts: HttpParts): readonly Way[] {
  const { world, effects } = parts;
  const { dataDir } = world.node;
  const route = { method: 'POST', path: '/pay/callbackPayment', rights: 'anybody' } as const;
  const believed = httpSender(parts, route);
  const refused = httpSender(parts, route, () => 'a callback that the platform did not sign is a success');
  const signed = fc.record({ url: fc.constantFrom(...URLS), body: bodiesOf(namedByOperators(world)) });
  const unsigned = fc.record({
    url: fc.constantFrom(...URLS),
    body: bodiesOf(namedByForgers(world)),
    how: fc.constantFrom(...FORGERIES),
  });
  return [
    wayOf('callbacks rightly signed', 3, signed, ({ url, body }) => {
      // What a right signature stands over is the platform's word: it may be booked, whatever is answered.
      effects.note('payment.callback', body, 'unknown');
      return believed(callback(url, body, signAs(dataDir, body)));
    }),
    wayOf('callbacks wrongly signed', 3, unsigned, ({ url, body, how }) =>
      refused(callback(url, body, forged(dataDir, body, how))),
    ),
  ];
}
