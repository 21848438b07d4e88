// Faults of the shell around every actor, and of the group commit under it.
import type { Mutation } from '../mutation';

const ENTITY = 'actors/entity.ts';
const UNANSWERED = 'actors/unanswered.ts';
const GROUP_COMMIT = 'persistence/group-commit.ts';

export const entityMutations: readonly Mutation[] = [
  {
    name: 'reply-before-commit',
    breaks: 'promise 1: an answer leaves before what it says is saved',
    file: UNANSWERED,
    find: "staged ? settlement?.settled !== 'applied' : !isFresh,",
    replace: 'staged ? false : !isFresh,',
  },
  {
    name: 'refusals-overtake-commits',
    breaks: 'R7: refusals, repeats and finds do not wait for the commits before them',
    file: ENTITY,
    find: '    this.unanswered.add(pendingOf(request, outcome, this.known.state, false));',
    replace: `    const { answer, followUps = [] } = outcome;
    if (answer && followUps.length === 0 && this.parts.committer.isFresh()) {
      request.reply(answer);
      return;
    }
    this.unanswered.add(pendingOf(request, outcome, this.known.state, false));`,
  },
  {
    name: 'no-proof-of-the-lock',
    breaks: 'R7: finds are answered without proof that the lock still holds',
    file: GROUP_COMMIT,
    find: 'return isProven() && this.clock.monotonicMs() - this.lastFlush < freshForMs;',
    replace: 'return isProven() || this.clock.monotonicMs() - this.lastFlush < freshForMs || true;',
    unseen:
      'a find would have to wait at a node that hangs while others change that very entity: one seed in many hundreds',
  },
  {
    name: 'state-outlives-its-failed-commit',
    breaks: 'R6: an actor goes on with a state that was built on what was not saved',
    file: ENTITY,
    find: `    if (!undone) return;
    this.known.forget();`,
    replace: '    if (!undone) return;',
  },
  {
    name: 'conflict-taken-for-done',
    breaks: 'R3: the work counts as done although the database did not do it',
    file: ENTITY,
    find: `      case 'conflict':
      case 'withdrawn':
      case undefined:
        if (request.isStep)`,
    replace: `      case 'conflict':
        this.answer(pending);
        return;
      case 'withdrawn':
      case undefined:
        if (request.isStep)`,
  },
  {
    name: 'repeat-ahead-of-its-row',
    breaks: 'R8: a repeat is decided while the commit of the first is under way',
    file: ENTITY,
    find: 'if (this.repeats.isAheadOfItsRow(request)) return;',
    replace: '',
  },
  {
    name: 'repeat-unrecorded',
    breaks: 'R11: an event that finds its effect done is never recorded as consumed',
    file: ENTITY,
    find: 'return request.envelope.inbox ? this.commit(',
    replace: 'return request.envelope.inbox && decision.followUps ? this.commit(',
  },
  {
    name: 'one-statement-for-all',
    breaks: 'R5: two facts that touch the same row travel in one statement',
    file: GROUP_COMMIT,
    find: 'if (heldBack.has(entry.id) || own.some((key) => keys.has(key))) {',
    replace: 'if (heldBack.has(entry.id)) {',
  },
];
