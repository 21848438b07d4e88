import { lineKeysOf } from './consumption-keys';

test.each([
  ['one goods', { goodsId: '5' }, ['7:5']],
  ['its number', { goodsId: 5 }, ['7:5']],
  ['lines', { goodsId: '5', lines: [{ goodsId: '5' }, { goodsId: '6' }] }, ['7:5', '7:6']],
  ['nothing', {}, ['7']],
  ['lines that are none', { lines: 5, goodsId: '5' }, ['7:5']],
  ['lines of nothing', { lines: [null, 'x', [], { goodsId: {} }] }, ['7', '7', '7', '7']],
  ['goods without end', { goodsId: 'x'.repeat(60_000) }, ['7']],
])('of %s', (_what, body, keys) => {
  expect(lineKeysOf('7', body)).toEqual(keys);
});
