// A 'no' of the monolith: it is thrown, because throwing is what rolls its transaction back.
import type { Code } from '../../../actors/domain/codes';

export class Refusal extends Error {
  constructor(readonly code: Code) {
    super(code);
    this.name = 'Refusal';
  }
}

/** @throws Refusal with the code unless the condition holds */
export function demand(condition: boolean, code: Code): asserts condition {
  if (!condition) throw new Refusal(code);
}
