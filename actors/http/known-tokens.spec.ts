import { KnownTokens } from './known-tokens';

const EXPIRES = 1_000;
const BEFORE = 999_999;
const AT_ITS_END = 1_000_000;

test('a token that was kept is known until it expires', () => {
  const tokens = new KnownTokens(10);
  tokens.keep('a', '7', EXPIRES);
  expect(tokens.userOf('a', BEFORE)).toBe('7');
  expect(tokens.userOf('a', AT_ITS_END)).toBeUndefined();
  expect(tokens.userOf('b', BEFORE)).toBeUndefined();
});

test.each([undefined, null, '1000'])('one that expires at %p is verified every time', (expires) => {
  const tokens = new KnownTokens(10);
  tokens.keep('a', '7', expires);
  expect(tokens.userOf('a', BEFORE)).toBeUndefined();
});

test('when there are too many, the one that has been here longest goes', () => {
  const tokens = new KnownTokens(2);
  for (const token of ['a', 'b', 'c']) tokens.keep(token, token, EXPIRES);
  expect(['a', 'b', 'c'].map((token) => tokens.userOf(token, BEFORE))).toEqual([undefined, 'b', 'c']);
});
