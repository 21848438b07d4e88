// Requests to one route: its parameters and body by its schemas, and around them everything else that HTTP lets an
// attacker choose.
import fc from 'fast-check';
import { fitting, type Known, type Schema } from './fitting';
import { HOSTILE_FIGURES, hostileText } from './hostile';
import { textsOf } from './nearly';
import { textOf, type Shape } from './shape';
import type { TokenName } from './tokens';

/** A route as the OpenAPI document of the running node has it. */
export interface Route {
  readonly method: string;
  readonly path: string;
  readonly rights: 'anybody' | 'customer' | 'operator';
  readonly parameters: readonly Parameter[];
  readonly body: Schema | undefined;
}
export interface Parameter {
  readonly name: string;
  readonly in: string;
  readonly schema: Schema;
}

/** How the body travels. The last three are no HTTP, or not all of it. */
const FRAMINGS = ['length', 'chunked', 'too short', 'two lengths', 'length and chunks'] as const;
export type Framing = (typeof FRAMINGS)[number];

export interface HttpInput {
  readonly token: TokenName;
  readonly method: string;
  readonly target: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: string | undefined;
  readonly encoding: 'utf8' | 'latin1';
  readonly framing: Framing;
  readonly isHostNamed: boolean;
}

const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'HEAD', 'TRACE', 'PROPFIND', 'get', 'X'];
const TYPES = [
  ...[
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'application/xml',
  ],
  ...['application/json; charset=utf-16', 'application/json;;;', 'json', '', 'a/b\u00ff', '*/*'],
];

/** Header lines that change who one is, or what is read, where a server is careless. */
const HEADERS: readonly (readonly [string, string])[] = [
  ['x-forwarded-for', "127.0.0.1'; drop table trade_order"],
  ['x-http-method-override', 'DELETE'],
  ['traceparent', '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'],
  ['traceparent', '{"level":60}'],
  ['x-request-id', '\u00ff{"level":60,"msg":"forged by input"}'],
  ['idempotency-key', 'k'],
  ['idempotency-key', '\u00e9'.repeat(200)],
  ['idempotency-key', 'x'.repeat(201)],
  ['accept-encoding', 'gzip;q=9e999'],
  ['expect', '100-continue'],
  ['expect', 'nonsense'],
  ['connection', 'upgrade, http2-settings'],
  ['upgrade', 'websocket'],
  ['range', 'bytes=0-,-1,5-3'],
  ['if-none-match', '*'],
  ['cookie', '__proto__=1; a=b'],
  ['x-signature', 'c2ln'],
  ['content-encoding', 'gzip'],
  ['authorization', 'Basic YTpi'],
  ['host', 'evil\u00ff'],
  ['x-large', 'x'.repeat(20_000)],
  ['x-folded', 'a\r\n b'],
  ['x-injected', 'a\r\nauthorization: Bearer x'],
  ['bad name', 'x'],
  ['', 'x'],
  ['x-nul', 'a\u0000b'],
];

const percent = (text: string): string => encodeURIComponent(Buffer.from(text).toString());

/** What stands for a parameter of a path, as it is written. */
const PLACES: fc.Arbitrary<string> = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(...HOSTILE_FIGURES).map(percent) },
  { weight: 4, arbitrary: hostileText.map(percent) },
  {
    weight: 4,
    arbitrary: fc.constantFrom(
      ...[
        '%',
        '%00',
        '%ff',
        '%c0%af',
        '%F0%9F%92%A9',
        '%252e%252e',
        '..',
        '..%2f..%2fadmin',
        '.',
        '',
        '//',
        '*',
      ],
      ...[
        ';a=b',
        '1;drop',
        '1%0d%0ax:y',
        '1%20',
        '1#x',
        '[]',
        '{id}',
        ':id',
        '@127.0.0.1',
        "'--",
        '1/2/3',
        '\u00ff',
      ],
      ...['9'.repeat(8_000), '%41'.repeat(3_000)],
    ),
  },
);

const methodAndTarget = fc.tuple(
  fc.constantFrom(...METHODS),
  fc.oneof(
    PLACES.map((place) => `/${place}`),
    fc.constantFrom(
      '*',
      'http://127.0.0.1/healthz',
      '//',
      '/docs/../../etc/passwd',
      '/docs/%2e%2e/%2e%2e/x',
      '/a b',
    ),
  ),
);

const queryOf = (parameters: readonly Parameter[], known: Known): fc.Arbitrary<string> => {
  const one = (name: string, schema: Schema): fc.Arbitrary<string> =>
    fc
      .oneof(
        { weight: 3, arbitrary: fitting(schema, known).map((shape) => unquoted(shape)) },
        { weight: 1, arbitrary: fc.constantFrom(...HOSTILE_FIGURES) },
        { weight: 1, arbitrary: hostileText.filter(({ length }) => length < 4_000) },
      )
      .map((value) => `${name}=${percent(value)}`);
  const own = parameters
    .filter((parameter) => parameter.in === 'query')
    .map(({ name, schema }) => one(name, schema));
  const strange = fc.constantFrom(
    '',
    'x=1',
    'limit[]=1',
    'limit=1&limit=2',
    '__proto__=1',
    '%',
    '&&=',
    'after=%00',
  );
  if (own.length === 0)
    return fc.oneof({ weight: 9, arbitrary: fc.constant('') }, { weight: 1, arbitrary: strange });
  return fc.oneof(
    {
      weight: 8,
      arbitrary: fc
        .subarray(own)
        .chain((some) => fc.tuple(...some))
        .map((some) => some.join('&')),
    },
    { weight: 1, arbitrary: strange },
  );
};

const unquoted = (shape: Shape): string => textOf(shape).replace(/^"(.*)"$/s, '$1');

/** Ids by what the address calls them. */
const NAMES: Readonly<Record<string, string>> = {
  order: 'orderId',
  orders: 'orderId',
  pay: 'payId',
  payments: 'payId',
  goods: 'goodsId',
  user: 'userId',
};

function targetOf(route: Route, known: Known): fc.Arbitrary<string> {
  const segments = route.path.split('/').slice(1);
  const parts = segments.map((segment, place): fc.Arbitrary<string> => {
    if (!segment.startsWith('{')) return fc.constant(segment);
    const ids = known[NAMES[segments[place - 1] ?? ''] ?? 'provider'] ?? [];
    return fc.oneof(
      { weight: 4, arbitrary: fc.constantFrom(...ids).map(String) },
      { weight: 1, arbitrary: PLACES },
    );
  });
  return fc
    .tuple(fc.tuple(...parts), queryOf(route.parameters, known))
    .map(([path, query]) => `/${path.join('/')}${query === '' ? '' : `?${query}`}`);
}

/** @param tokens in the shares in which they are used */
const tokenFor = (route: Route): fc.Arbitrary<TokenName> => {
  const right = route.rights === 'operator' ? 'operator' : 'customer';
  return fc.oneof(
    { weight: 16, arbitrary: fc.constant(right) },
    { weight: 2, arbitrary: fc.constantFrom<TokenName>('none', 'customer', 'operator') },
    {
      weight: 4,
      arbitrary: fc.constantFrom<TokenName>(
        ...([
          'empty',
          'garbage',
          'a word',
          'expired',
          'not yet',
          'no algorithm',
          'another algorithm',
        ] as const),
        ...(['another secret', 'no secret', 'another user inside', 'no signature', 'no subject'] as const),
        ...(['a subject that is no id', 'subjects in a list', 'half an admin token'] as const),
        'an admin token and more',
      ),
    },
  );
};

const around = fc.record({
  headers: fc.oneof(
    { weight: 4, arbitrary: fc.constant([]) },
    { weight: 1, arbitrary: fc.array(fc.constantFrom(...HEADERS), { minLength: 1, maxLength: 3 }) },
  ),
  type: fc.oneof(
    { weight: 19, arbitrary: fc.constant('application/json') },
    { weight: 1, arbitrary: fc.constantFrom(...TYPES) },
  ),
  encoding: fc.oneof(
    { weight: 19, arbitrary: fc.constant('utf8' as const) },
    { weight: 1, arbitrary: fc.constant('latin1' as const) },
  ),
  isHostNamed: fc.oneof(
    { weight: 40, arbitrary: fc.constant(true) },
    { weight: 1, arbitrary: fc.constant(false) },
  ),
  framing: fc.oneof(
    { weight: 40, arbitrary: fc.constant<Framing>('length') },
    { weight: 3, arbitrary: fc.constantFrom(...FRAMINGS) },
  ),
});

/** @param fits bodies that fit, where a route's schema alone would not make sensible ones */
export function requestsTo(route: Route, known: Known, fits?: fc.Arbitrary<Shape>): fc.Arbitrary<HttpInput> {
  const { body: schema } = route;
  const byschema = schema && fitting(schema, known);
  const shapes = byschema && fits ? fc.oneof(fits, byschema) : byschema;
  const body = shapes
    ? textsOf(shapes)
    : fc.option(textsOf(fc.constant({ members: [] })), { nil: undefined, freq: 2 });
  const method = fc.oneof(
    { weight: 40, arbitrary: fc.constant(route.method) },
    { weight: 1, arbitrary: fc.constantFrom(...METHODS) },
  );
  return fc
    .record({ token: tokenFor(route), method, target: targetOf(route, known), body, around })
    .map(({ around: { type, headers, ...rest }, ...request }) => ({
      ...request,
      ...rest,
      body:
        request.method === 'GET' && schema === undefined && request.body === '{}' ? undefined : request.body,
      headers: [...(request.body === undefined ? [] : ([['content-type', type]] as const)), ...headers],
    }));
}

/** Requests to addresses that are no route. */
export const requestsElsewhere: fc.Arbitrary<HttpInput> = fc
  .record({
    at: methodAndTarget,
    token: fc.constantFrom<TokenName>('none', 'customer', 'operator', 'garbage'),
    around,
  })
  .chain(({ at: [method, target], token, around: { type, headers, ...rest } }) =>
    fc.option(textsOf(fc.constant({ members: [] }))).map((body) => ({
      ...{ method, target, token, ...rest },
      body: body ?? undefined,
      headers: [['content-type', type] as const, ...headers],
    })),
  );
