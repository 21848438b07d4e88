// Faults on the way of the events: what is acknowledged too early, never sent, or never asked about again.
import type { Mutation } from '../mutation';

const CONSUMER = 'supervisors/event-consumer.ts';
const ATTEMPTS = 'supervisors/counted-attempts.ts';
const RELAY = 'transport/outbox-relay.ts';

export const eventMutations: readonly Mutation[] = [
  {
    name: 'acked-before-its-effect',
    breaks: 'R11: an event is acknowledged before its effect is committed',
    file: CONSUMER,
    find: 'const waits = await Promise.all(resolution.parts.map((part) => runPart(part, delivery, body)));',
    replace: `const waits: Wait[] = [];
        void Promise.all(resolution.parts.map((part) => runPart(part, delivery, body))).catch(() => undefined);`,
  },
  {
    name: 'failure-acked-as-done',
    breaks: 'fault 6: what failed is never tried again',
    file: CONSUMER,
    find: ': attempts.failFirst(claim, outcome.remark, tell);',
    replace: ': attempts.failFirst(claim, outcome.remark, tell).then(() => undefined);',
  },
  {
    name: 'waiting-part-acked',
    breaks: 'R1: an effect that could not be asked for is acknowledged as done',
    file: ATTEMPTS,
    find: '    return WAIT_MS;',
    replace: '    return undefined;',
  },
  {
    name: 'waiting-event-acked',
    breaks: 'R1: an event whose owner could not be asked is acknowledged as done',
    file: CONSUMER,
    find: "return { verdict: 'again', afterMs: WAIT_MS };",
    replace: "return { verdict: 'done' };",
    unseen: 'no seed of 3,000 finds it; test/contract/event-consumer.spec.ts always does',
  },
  {
    name: 'first-failure-parks',
    breaks: 'promise 3: what fails once is given up',
    file: 'supervisors/attempts.ts',
    find: 'attempts >= MOST_ATTEMPTS',
    replace: 'attempts >= 1',
  },
  {
    name: 'waiting-burns-attempts',
    breaks: 'R10: an effect that waits for the database is given up after three waits',
    file: CONSUMER,
    find: 'if (begun) await attempts.takeBack(claim);',
    replace: '',
    unseen: 'no simulated outage is as long as three waits',
  },
  {
    name: 'outbox-settled-without-asking',
    breaks: 'R12: an outbox row goes before any group has begun with its event',
    file: 'supervisors/outbox-settler.ts',
    find: "return state === undefined ? hadItsChance(row) : state !== 'running';",
    replace: "return hadItsChance(row) || state !== 'running';",
  },
  {
    name: 'lost-events-are-not-missed',
    breaks: 'R12: what the broker has lost while every node stayed connected is lost',
    file: 'supervisors/lost-events.ts',
    find: 'return outstanding < left.length ? left : [];',
    replace: 'return outstanding < 0 ? left : [];',
  },
  {
    name: 'sweep-never-runs',
    breaks: 'R12: what a crash left unsent stays so',
    file: RELAY,
    find: 'if (this.sweeping || this.stopped) return;',
    replace: 'if (this.sweeping || this.stopped || this.failures >= 0) return;',
  },
  {
    name: 'nothing-sent-again',
    breaks: 'promise 5: what the broker lost is lost',
    file: RELAY,
    find: '    this.owed = false;\n    try {',
    replace: '    this.owed = false;\n    if (!this.stopped) return;\n    try {',
  },
];
