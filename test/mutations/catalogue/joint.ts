// Faults of orders that are placed in one commit with all that they take, and of payments that are booked so.
import type { Mutation } from '../mutation';

const UNANSWERED = 'actors/unanswered.ts';
const JOINT_COMMIT = 'persistence/joint-commit.ts';

export const jointMutations: readonly Mutation[] = [
  {
    name: 'joint-commit-outlives-its-locks',
    breaks: 'R9: an order is placed with the stock of a shard that another node has by now',
    file: JOINT_COMMIT,
    find: 'term === undefined || term !== terms[place]',
    replace: 'term === undefined && term !== terms[place]',
    unseen:
      'the connection that writes is the one that holds the locks: it would have to be lost and made anew in a turn',
  },
  {
    name: 'joint-conflict-taken-for-done',
    breaks: 'R3: an order that was not written is answered as confirmed',
    file: JOINT_COMMIT,
    find: "settled: fates[place] ?? 'conflict' }",
    replace: "settled: fates[place] === 'conflict' ? 'applied' : (fates[place] ?? 'conflict') }",
  },
  {
    name: 'joint-loss-taken-for-refusal',
    breaks: 'R6: an order whose commit may be there is placed anew, as if it were not',
    file: JOINT_COMMIT,
    find: "isLate || isRefusedByDatabase(error) ? 'conflict' : 'unavailable'",
    replace: "isLate || isRefusedByDatabase(error) ? 'conflict' : 'applied'",
    unseen:
      'a connection is rarely lost in the very milliseconds of such a flush; test/contract/joint-orders.spec.ts sees to it',
  },
  {
    name: 'own-commits-overtake-joint-ones',
    breaks: 'R6: a command is decided upon a joint commit, and is saved before it',
    file: UNANSWERED,
    find: 'return this.latest?.jointly !== undefined;',
    replace: 'return this.latest?.jointly !== undefined && this.failing;',
    unseen: 'the figures that the database returns differ then, and everything is read and decided anew',
  },
  {
    name: 'considered-without-the-state',
    breaks: 'R6: an actor agrees upon a state that was built on what was not saved',
    file: UNANSWERED,
    find: 'if (this.failing || this.doubtful) return false;',
    replace: '',
    unseen: 'the figures that the database returns differ then, and everything is read and decided anew',
  },
  {
    name: 'joint-orders-answered-before-they-are-saved',
    breaks: 'promise 1: the customer hears of an order that may never be',
    file: 'supervisors/joint-orders.ts',
    find: 'joining.join(order, reply) as StoreEntry<Order, OrderFact>;',
    replace:
      "joining.join(order, () => undefined) as StoreEntry<Order, OrderFact>;\n    reply({ outcome: 'ok', data: entry.after });",
  },
  {
    name: 'joint-order-that-was-not-written-taken-for-done',
    breaks: 'R3: an order that was not written is told as confirmed, or asks others for more',
    file: 'supervisors/joint-orders.ts',
    find: "settlement.settled === 'stale' ?",
    replace: "settlement.settled === 'stale' || settlement.settled === 'conflict' ?",
  },
  {
    name: 'asked-steps-answered-before-they-are-saved',
    breaks: 'promise 1: an order elsewhere is confirmed with stock that it may never have got',
    file: 'supervisors/joint-steps.ts',
    find: 'joining.join(part, reply)',
    replace: '(part.answer && reply(part.answer), joining.join(part, () => undefined))',
    unseen: 'a flush rarely fails in these very milliseconds; test/contract/joint-steps.spec.ts sees to it',
  },
  {
    name: 'joint-bookings-answered-before-they-are-saved',
    breaks: 'promise 1: the platform hears success of money that may never be booked',
    file: 'supervisors/joint-bookings.ts',
    find: 'joining.join(own, reply)',
    replace: '(reply(own.answer), joining.join(own, () => undefined))',
    unseen: 'no seed of 3,000 finds it; test/contract/joint-bookings.spec.ts always does',
  },
  {
    name: 'bookings-without-their-claims',
    breaks: 'R11: what a booking has done is not recorded, and each group of its event does it again',
    file: 'persistence/stores/inbox-claims.ts',
    find: 'groupsOf(tag).map(',
    replace: 'groupsOf(tag).slice(3).map(',
    unseen: 'the ledgers, the order and the log take each of it once',
  },
  {
    name: 'events-taken-for-done-that-are-not',
    breaks: 'R11: a group leaves out what no commit had',
    file: 'bin/compose-events.ts',
    find: 'else relay?.committed(rows);',
    replace: 'else (done.add(rows), relay?.committed(rows));',
  },
  {
    name: 'loads-answered-to-another',
    breaks: 'an actor takes what another asked for as its state',
    file: 'persistence/shared-reads.ts',
    find: 'order.forEach(',
    replace: 'together.forEach(',
  },
];
