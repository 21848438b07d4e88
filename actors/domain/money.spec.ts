import fc from 'fast-check';
import { add, compare, money, MOST, parseMoney, pointsOf, subtract, times, ZERO } from './money';

const cents = fc.integer({ min: -9_999_999_999, max: 9_999_999_999 });
const ofCents = (value: number) =>
  money(
    `${value < 0 ? '-' : ''}${Math.floor(Math.abs(value) / 100)}.${String(Math.abs(value) % 100).padStart(2, '0')}`,
  );

test.each(['5000', '5000.0', '5000.00', '05000'])('%s is canonical', (text) => {
  expect(parseMoney(text)).toBe('5000.00');
});

test.each(['', '0.001', '1e3', '100000000', ' 1', '1,00', 'NaN', '--1', '.5', '1.'])(
  '%j is no amount',
  (text) => {
    expect(parseMoney(text)).toBeUndefined();
  },
);

test('minus nothing is nothing', () => {
  expect(parseMoney('-0.00')).toBe(ZERO);
});

test('sums are exact, where binary floating point is not', () => {
  expect(add(money('0.1'), money('0.2'))).toBe('0.30');
  expect(times(money('19.99'), 3)).toBe('59.97');
  expect(pointsOf(money('4780.99'))).toBe(4780);
  expect(compare(MOST, money('9.99'))).toBeGreaterThan(0);
});

test('amounts with more digits than a whole number of cents can hold are exact too', () => {
  const much = times(MOST, 1_000_000);
  expect(much).toBe('99999999990000.00');
  const more = add(much, money('0.01'));
  expect(more).toBe('99999999990000.01');
  expect(compare(more, much)).toBeGreaterThan(0);
  expect(subtract(more, much)).toBe('0.01');
});

test('adding and subtracting cents gives cents', () => {
  fc.assert(
    fc.property(cents, cents, (left, right) => {
      expect(subtract(add(ofCents(left), ofCents(right)), ofCents(right))).toBe(ofCents(left));
    }),
  );
});
