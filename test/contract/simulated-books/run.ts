// Plays a run on both sides and compares whatever they say on the way, and all that they hold at its end.
import type { Kind } from '../../../actors/domain/envelope';
import type { LoadRequest } from '../../../actors/domain/ports';
import { IDS, momentAt } from './pools';
import { DECIDERS, type Entry, type Side } from './side';
import type { Belief, EntryPlan, Step, WriteStep } from './steps';

/** The record keys of the deciders, those that are there and those that are not. */
const RECORD_KEYS: Readonly<Record<Kind, readonly string[]>> = {
  order: ['11:k', '11:a:b "c" \\ {},', '12:k', '13:k'],
  payment: ['sandbox:1001', 'sandbox:1002', 'sandbox:1003', 'other:1001'],
  goods: ['101', '102', '103', '0', '7'],
  coupon: ['101', '102', '103', '0'],
  wallet: ['order:101', 'order:102:31', 'order:103:32', 'order:0', 'pay:31', 'pay:33', 'key:7', 'key:101'],
  'pay-log': [],
};

export class Run {
  private readonly heldBefore = new Map<string, object>();

  constructor(
    private readonly real: Side,
    private readonly simulated: Side,
  ) {}

  async play(steps: readonly Step[], redrivesAll: boolean): Promise<void> {
    for (const [place, step] of steps.entries()) {
      for (const side of [this.real, this.simulated]) side.now = momentAt(place);
      if (step.step === 'write') await this.write(step);
      else await this.same((side) => step.call.run(side.parts, momentAt(place)));
    }
    // Last, for in which order several are queued at once is the server's to choose.
    if (redrivesAll) await this.same((side) => side.parts.letters.redrive({}, momentAt(steps.length)));
    for (const kind of Object.keys(IDS) as Kind[])
      await this.same((side) => side.load(kind, requestsOf(kind)));
  }

  /** @returns what both sides say */
  private async same<Result>(ask: (side: Side) => Promise<Result>): Promise<Result> {
    const [real, simulated] = await Promise.all([ask(this.real), ask(this.simulated)]);
    expect(simulated).toStrictEqual(real);
    return real;
  }

  private async write({ kind, entries }: WriteStep): Promise<void> {
    const batch = await this.batchOf(kind, entries);
    const outcome = await this.same((side) => side.write(kind, batch));
    if (!(outcome as { refused?: unknown }).refused) return;
    // So a group commit finds out which of them is refused.
    for (const entry of batch) await this.same((side) => side.write(kind, [entry]));
  }

  /** The entries as an actor stages them, each decided on the state that the one before left; none that conflict. */
  private async batchOf(kind: Kind, plans: readonly EntryPlan[]): Promise<readonly Entry[]> {
    const batch: Entry[] = [];
    const keys = new Set<string>();
    const believed = new Map<string, object | undefined>();
    for (const { id, belief, facts, inbox } of plans) {
      const before = believed.has(id) ? believed.get(id) : await this.believe(kind, id, belief);
      const after = facts.reduce<object | undefined>((now, fact) => DECIDERS[kind].evolve(now, fact), before);
      const entry: Entry = { id, facts, before, after, ...(inbox ? { inbox } : {}) };
      const own = this.real.conflictKeys(kind, entry);
      if (own.some((key) => keys.has(key)) || new Set(own).size < own.length) continue;
      for (const key of own) keys.add(key);
      believed.set(id, after);
      batch.push(entry);
    }
    return batch;
  }

  private async believe(kind: Kind, id: string, belief: Belief): Promise<object | undefined> {
    const [loaded] = await this.simulated.load(kind, [{ id }]);
    const held = loaded?.state;
    const name = `${kind} ${id}`;
    const old = this.heldBefore.get(name);
    if (held && !old) this.heldBefore.set(name, held);
    switch (belief) {
      case 'held':
        return held;
      case 'old':
        return old;
      case 'wrong':
        return held && { ...held, stock: 99, score: 99, version: 99, userId: '12' };
      case 'nothing':
        return undefined;
    }
  }
}

const requestsOf = (kind: Kind): readonly LoadRequest[] =>
  IDS[kind].flatMap((id) => [{ id }, ...RECORD_KEYS[kind].map((recordKey) => ({ id, recordKey }))]);
