import { Claims } from './claims';

const given = (): Claims => new Claims(4);

test('nobody is believed to hold what nobody claims', () => {
  const claims = given();
  expect(claims.ownerOf('order', 1)).toBeUndefined();
  expect(claims.unowned('order')).toBe(4);
});

test('the latest to claim a shard is believed, though the one before still claims it', () => {
  const claims = given();
  claims.heard('a1', 'a', { order: [1, 2] });
  claims.heard('b1', 'b', { order: [2] });
  claims.heard('a1', 'a', { order: [1, 2] });
  expect([claims.ownerOf('order', 1), claims.ownerOf('order', 2)]).toEqual(['a', 'b']);
  expect(claims.ownerOf('goods', 1)).toBeUndefined();
});

test('when it lets go, another one that claims it is believed again', () => {
  const claims = given();
  claims.heard('a1', 'a', { order: [2] });
  claims.heard('b1', 'b', { order: [2] });
  expect(claims.heard('b1', 'b', {})).toBe(true);
  expect(claims.ownerOf('order', 2)).toBe('a');
  claims.forget('a1');
  expect(claims.ownerOf('order', 2)).toBeUndefined();
});

test('says whether anything has changed', () => {
  const claims = given();
  expect(claims.heard('a1', 'a', { order: [2] })).toBe(true);
  expect(claims.heard('a1', 'a', { order: [2] })).toBe(false);
});

test("a shard that the deployment does not have is nobody's", () => {
  const claims = given();
  claims.heard('a1', 'a', { order: [4] });
  expect(claims.ownerOf('order', 4)).toBeUndefined();
});
