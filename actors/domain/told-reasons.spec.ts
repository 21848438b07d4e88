import { ToldReasons } from './told-reasons';

test('each reason is told once, and anew when it has worked in between', () => {
  const reasons = new ToldReasons();
  expect(reasons.over()).toBe(false);
  const said = ['away', 'away', 'refused', 'away'].map((reason) => reasons.isNew(new Error(reason)));
  expect(said).toEqual([true, false, true, false]);
  expect([reasons.over(), reasons.over()]).toEqual([true, false]);
  expect(reasons.isNew(new Error('away'))).toBe(true);
});
