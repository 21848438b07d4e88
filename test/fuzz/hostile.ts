// What an attacker puts where something else is wanted: texts, and whole JSON values as they are written.
import fc from 'fast-check';

/** A log line of ours, as somebody else would like to write it. */
export const FORGED_LINE = '{"level":60,"time":1,"msg":"forged by input"}';

const TEXTS: readonly string[] = [
  `'; drop table trade_order; --`,
  `1' or '1'='1`,
  `1); delete from trade_user where (1=1`,
  `\\'; select pg_sleep(30); --`,
  `$$; select 1; $$`,
  `x\n${FORGED_LINE}\n`,
  `x\r\n${FORGED_LINE}\r\n`,
  '\u001b[31mred\u001b[0m\u001b]0;title\u0007',
  'one\r\nx-injected: yes\r\n\r\n<script>alert(1)</script>',
  '%s%d%o%j%n',
  '${jndi:ldap://127.0.0.1/a}',
  '{{7*7}}',
  '`id`; $(id) | id & id',
  '../../../../etc/passwd',
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'hasOwnProperty',
  '\u202etxt.exe\u202c',
  '\ufeff1',
  'a\u0000b',
  '\u0000',
  '\ud800',
  '\udfff\ud800',
  '１２３',
  'true',
  'null',
  'undefined',
  'NaN',
  'Infinity',
  '',
  ' ',
  '\t\n',
  'ﷺ'.repeat(30),
  'Z͑ͫ̓ͪ̂ͫ̽͏̴̙̤̞͉͚̯̞̠͍A̴̵̜̰͔ͫ͗͢',
  '👩\u200d'.repeat(60),
  'trade.order.place',
  '*',
  '>',
];

/** Few to whoever counts what a reader sees, and thousands of bytes: emoji that are joined to one. */
const joinedEmoji = fc
  .array(fc.integer({ min: 0x1f300, max: 0x1faff }), { minLength: 200, maxLength: 3_000 })
  .map((points) => points.map((point) => String.fromCodePoint(point)).join('\u200d'));

export const hostileText: fc.Arbitrary<string> = fc.oneof(
  { weight: 12, arbitrary: fc.constantFrom(...TEXTS) },
  { weight: 4, arbitrary: fc.string({ unit: 'binary', maxLength: 60 }) },
  { weight: 2, arbitrary: fc.string({ unit: 'grapheme', maxLength: 250 }) },
  { weight: 1, arbitrary: joinedEmoji },
  { weight: 1, arbitrary: fc.integer({ min: 100, max: 40_000 }).map((length) => 'x'.repeat(length)) },
);

const NUMBERS: readonly string[] = [
  ...['-1', '-0', '0', '1', '0.1', '-0.5', '1.5', '0.30000000000000004', '0.001', '1e2', '1E+2', '1e-9'],
  ...['1e999', '-1e999', '1e308', '9007199254740991', '9007199254740992', '9007199254740993'],
  ...['2147483647', '2147483648', '9223372036854775807', '9223372036854775808', '18446744073709551616'],
  // No JSON at all, though some readers take it.
  ...['NaN', 'Infinity', '-Infinity', '01', '1.', '.5', '+1', '0x10', '1_000', '--1', '1n'],
];

/** Where an id or an amount is wanted as text. */
export const HOSTILE_FIGURES: readonly string[] = [
  ...NUMBERS,
  ...['007', ' 1', '1 ', '1,00', '0.10', '00.01', '-0.01', '99999999.99', '100000000.00', '0.005', '1.005'],
  ...['999999999999999999', '8999999999999999999', '9000000000000000000', '9'.repeat(400), '१२'],
];

/** Large enough to hurt whoever copies it or walks it by calling himself. */
const HEAVY: readonly (() => string)[] = [
  () => '['.repeat(10_000) + ']'.repeat(10_000),
  () => '{"a":'.repeat(10_000) + '1' + '}'.repeat(10_000),
  () => '[' + '['.repeat(20_000),
  () => JSON.stringify('x'.repeat(1_000_000)),
  () => JSON.stringify('\u0000'.repeat(9_000)),
  () => `{${Array.from({ length: 4_000 }, (_, place) => `"k${place}":${place}`).join(',')}}`,
  () => `[${'1e999,'.repeat(10_000)}0]`,
];

export const heavyJson: fc.Arbitrary<string> = fc
  .nat({ max: HEAVY.length - 1 })
  .map((place) => HEAVY[place]!());

const STRUCTURES: readonly string[] = [
  ...['null', 'true', 'false', '[]', '{}', '[null]', '[[]]', '{"$gt":""}', '{"__proto__":{"admin":true}}'],
  ...['{"constructor":{"prototype":{"admin":true}}}', '{"toJSON":1}', '{"length":1e9}', "'single'", 'word'],
  ...['"\\ud800"', '"\\u0000"', '"\\x41"', '"unterminated', '"tab\tinside"', '/**/1', '[1,]', '{,}'],
];

/** A JSON value, or what should be one, as it is written. */
export const hostileJson: fc.Arbitrary<string> = fc.oneof(
  { weight: 5, arbitrary: hostileText.map((text) => JSON.stringify(text)) },
  { weight: 5, arbitrary: fc.constantFrom(...NUMBERS) },
  { weight: 5, arbitrary: fc.constantFrom(...HOSTILE_FIGURES).map((text) => JSON.stringify(text)) },
  { weight: 5, arbitrary: fc.constantFrom(...STRUCTURES) },
  { weight: 1, arbitrary: fc.json({ maxDepth: 3 }) },
);
