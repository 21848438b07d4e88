// What each entity was asked and what it answered, seen at the node that took the command, in steps that are in one
// order for the whole shop: the ground on which its linearizability is judged.
import { retry, type Answer, type Envelope, type Kind } from '../../../actors/domain/envelope';
import type { Joined, JointStore } from '../../../actors/domain/joint';
import { isRefusedByDatabase } from '../../../persistence/sql-errors';
import type { Operation } from '../linearizability/operation';

type Noted = Omit<Operation<Envelope['command']>, 'returnedAt' | 'answer'> & {
  returnedAt: number | undefined;
  answer: Answer | undefined;
};

/** A command that nobody sent, because it was part of a joint commit. */
export interface StepAsked {
  readonly command: Envelope['command'];
  readonly answer: Answer;
}

const NOTHING_DONE = retry('not-owner');

export class History {
  private steps = 0;
  private readonly entities = new Map<string, Noted[]>();

  /** Notes what becomes of a command. */
  watch(envelope: Envelope, deliver: (envelope: Envelope) => Promise<Answer>): Promise<Answer> {
    const { kind, id, command, attempt } = envelope;
    const returned = this.invoked(kind, id, command, attempt);
    return deliver(envelope).then((answer) => {
      returned(answer);
      return answer;
    });
  }

  /**
   * Notes what a joint commit does to those who take part in it: no command of theirs was delivered for it.
   * @param asked what a step is as a command, and its answer if it was carried out
   */
  watchJoint<Whole extends Joined>(
    store: JointStore<Whole>,
    asked: (step: Whole['steps'][number], whole: Whole) => StepAsked | undefined,
  ): JointStore<Whole> {
    return {
      write: async (joints) => {
        const returns = joints.map((joint) =>
          joint.steps.flatMap((step: Whole['steps'][number]) => {
            const noted = asked(step, joint);
            if (!noted) return [];
            const returned = this.invoked(step.kind, step.entry.id, noted.command, 1);
            return [(isDone: boolean) => returned(isDone ? noted.answer : NOTHING_DONE)];
          }),
        );
        try {
          const fates = await store.write(joints);
          returns.forEach((steps, place) => steps.forEach((told) => told(fates[place] !== 'conflict')));
          return fates;
        } catch (error) {
          // What the database refused was not done; of what it did not answer nothing is known.
          if (isRefusedByDatabase(error)) returns.flat().forEach((told) => told(false));
          throw error;
        }
      },
    };
  }

  /** @returns to be called with the answer, if there is one */
  private invoked(kind: Kind, id: string, command: Envelope['command'], attempt: number) {
    const operation: Noted = {
      invokedAt: ++this.steps,
      returnedAt: undefined,
      command,
      attempt,
      answer: undefined,
    };
    const entity = `${kind}/${id}`;
    const operations = this.entities.get(entity);
    if (operations) operations.push(operation);
    else this.entities.set(entity, [operation]);
    return (answer: Answer): void => {
      operation.returnedAt = ++this.steps;
      operation.answer = answer;
    };
  }

  /** All of it as text: the same for the same run. */
  toString(): string {
    return JSON.stringify([...this.entities]);
  }

  /** Of one kind, by entity. */
  *of(kind: Kind): Generator<readonly [id: string, operations: readonly Operation<Envelope['command']>[]]> {
    for (const [entity, operations] of this.entities) {
      if (entity.startsWith(`${kind}/`)) yield [entity.slice(kind.length + 1), operations];
    }
  }
}
