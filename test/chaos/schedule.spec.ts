import fc from 'fast-check';
import { FAULT_NAMES, FAULTS } from './faults';
import { scheduleOf, targetsOf, type PlannedFault, type ScheduleOptions } from './schedule';

const options: fc.Arbitrary<ScheduleOptions> = fc.record({
  seed: fc.integer(),
  seconds: fc.integer({ min: 2, max: 120 }),
  nodes: fc.integer({ min: 1, max: 5 }),
  natsServers: fc.constantFrom(1, 3),
  everyMs: fc.integer({ min: 500, max: 5_000 }),
});

const OF_AN_HOUR: ScheduleOptions = { seed: 7, seconds: 3_600, nodes: 3, natsServers: 3, everyMs: 2_500 };

const overlaps = (one: PlannedFault, other: PlannedFault): boolean =>
  one.atMs < other.atMs + other.forMs && other.atMs < one.atMs + one.forMs;

it('is the same for the same seed, and another for another', () => {
  expect(scheduleOf(OF_AN_HOUR)).toEqual(scheduleOf(OF_AN_HOUR));
  expect(scheduleOf({ ...OF_AN_HOUR, seed: 8 })).not.toEqual(scheduleOf(OF_AN_HOUR));
});

it('keeps to its time, to those who are there, and to one fault at a time for each of them', () => {
  fc.assert(
    fc.property(options, (given) => {
      const planned = scheduleOf(given);
      const busyUntil = new Map<string, number>();
      for (const one of planned) {
        const { of, forMs } = FAULTS[one.fault];
        const most = of === 'NATS' ? given.natsServers : given.nodes;
        expect(one.atMs + one.forMs).toBeLessThanOrEqual(given.seconds * 1_000);
        expect(one.forMs).toBeLessThanOrEqual(forMs[1]);
        expect(one.whom.every((place) => place >= 0 && place < most)).toBe(true);
        expect(new Set(one.whom).size).toBe(one.whom.length);
        for (const target of targetsOf(one)) {
          expect(busyUntil.get(target) ?? 0).toBeLessThanOrEqual(one.atMs);
          busyUntil.set(target, one.atMs + one.forMs);
        }
      }
    }),
  );
});

it('has every kind of fault about as often as any other, and lets them overlap', () => {
  const planned = scheduleOf(OF_AN_HOUR);
  const counts = FAULT_NAMES.map((name) => planned.filter(({ fault }) => fault === name).length);
  expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
  const isDown = ({ fault }: PlannedFault): boolean =>
    fault.endsWith(' PostgreSQL') && !fault.startsWith('cut');
  const isDeath = ({ fault }: PlannedFault): boolean => fault.startsWith('kill') && fault.includes('node');
  const together = planned
    .filter(isDown)
    .filter((one) => planned.filter(isDeath).some((other) => overlaps(one, other)));
  expect(together.length).toBeGreaterThan(0);
});

it('has every kind of fault in the short run that every test run does', () => {
  const planned = scheduleOf({ seed: 1, seconds: 25, nodes: 3, natsServers: 1, everyMs: 1_000 });
  expect(new Set(planned.map(({ fault }) => fault)).size).toBe(FAULT_NAMES.length);
});
