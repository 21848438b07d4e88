import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CODES, firstOf } from './codes';

test('numbers are unique', () => {
  const numbers = Object.values(CODES).map(({ code }) => code);
  expect(new Set(numbers).size).toBe(numbers.length);
});

test('they stand in order of precedence: -1, then by their thousands', () => {
  const ranges = Object.values(CODES).map(({ code }) => Math.floor(code / 10_000));
  expect(ranges).toEqual([...ranges].sort((left, right) => left - right));
  expect(firstOf(['SHOP_COUPON_NO_EXIST', 'SHOP_GOODS_NUM_NOT_ENOUGH'])).toBe('SHOP_GOODS_NUM_NOT_ENOUGH');
});

test('docs/CODES.md is this table', () => {
  const rows = Object.entries(CODES).map(
    ([name, { code, status, meaning }]) => `| ${code} | ${name} | ${status} | ${meaning} |`,
  );
  expect(readFileSync(join(__dirname, '../../docs/CODES.md'), 'utf8')).toContain(rows.join('\n'));
});
