import { TerminalError } from '../domain/errors';
import { isId } from '../domain/ids';
import { madeId } from './made-id';

it('takes the own id of its caller', () => {
  expect(madeId('3001', undefined, 'goods')).toBe('3001');
  expect(madeId(3001, undefined, 'goods')).toBe('3001');
});

it('refuses whoever gives nothing, or two that need not agree', () => {
  const either = new TerminalError(
    '/ must have either goodsId or requestKey, so that a repeat makes no second one',
  );
  expect(() => madeId(undefined, undefined, 'goods')).toThrow(either);
  expect(() => madeId('3001', '1', 'goods')).toThrow(either);
});

it('gives the same key the same id, now and in every later version', () => {
  expect(madeId(undefined, '1001', 'coupon', '345963634385633280')).toBe('4718421178713602871');
  expect(madeId(undefined, 1001, 'coupon', '345963634385633280')).toBe('4718421178713602871');
});

it('gives every other key another id, all of them above whatever is drawn', () => {
  const keys = Array.from({ length: 5_000 }, (_, place) => String(place + 1));
  const ids = keys.flatMap((key) => [
    madeId(undefined, key, 'goods'),
    madeId(undefined, key, 'coupon', '1'),
    madeId(undefined, '2', 'coupon', key),
  ]);
  // Key 2 of user 1 is there twice.
  expect(new Set(ids).size).toBe(ids.length - 1);
  expect(ids.filter((id) => !isId(id) || BigInt(id) < 2n ** 62n)).toEqual([]);
});

it('keeps apart what would read alike if it were joined', () => {
  expect(madeId(undefined, '23', 'coupon', '1')).not.toBe(madeId(undefined, '3', 'coupon', '12'));
});
