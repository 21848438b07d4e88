// What each entity was asked and what it answered, seen at the node that took the command, in steps that are in one
// order for the whole shop: the ground on which its linearizability is judged.
import type { Answer, Envelope, Kind } from '../../../actors/domain/envelope';
import type { Operation } from '../linearizability/operation';

type Noted = Omit<Operation<Envelope['command']>, 'returnedAt' | 'answer'> & {
  returnedAt: number | undefined;
  answer: Answer | undefined;
};

export class History {
  private steps = 0;
  private readonly entities = new Map<string, Noted[]>();

  /** Notes what becomes of a command. */
  watch(envelope: Envelope, deliver: (envelope: Envelope) => Promise<Answer>): Promise<Answer> {
    const operation: Noted = {
      invokedAt: ++this.steps,
      returnedAt: undefined,
      command: envelope.command,
      attempt: envelope.attempt,
      answer: undefined,
    };
    const entity = `${envelope.kind}/${envelope.id}`;
    const operations = this.entities.get(entity);
    if (operations) operations.push(operation);
    else this.entities.set(entity, [operation]);
    return deliver(envelope).then((answer) => {
      operation.returnedAt = ++this.steps;
      operation.answer = answer;
      return answer;
    });
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
