// Plays a run on both sides and compares whatever they say on the way, and all that they hold at its end.
import type { Instant, Kind } from '../../../actors/domain/envelope';
import type { LoadRequest } from '../../../actors/domain/ports/store';
import type { JointPlan } from './joint-plans';
import type { MessageParts } from './message-calls';
import { IDS, momentAt } from './pools';
import { DECIDERS, type AnyJoint, type Entry, type JointStoreName, type Side } from './side';
import type { Belief, EntryPlan, Step } from './steps';

/** The record keys of the deciders, those that are there and those that are not. */
const RECORD_KEYS: Readonly<Record<Kind, readonly string[]>> = {
  order: ['11:k', '11:a:b "c" \\ {},', '12:k', '13:k'],
  payment: ['sandbox:1001', 'sandbox:1002', 'sandbox:1003', 'other:1001'],
  goods: ['101', '102', '103', '0', '7'],
  coupon: ['101', '102', '103', '0'],
  wallet: ['order:101', 'order:102:31', 'order:103:32', 'order:0', 'pay:31', 'pay:33', 'key:7', 'key:101'],
  'pay-log': [],
};

const MANY = 1_000;
const ALL_SHARDS = [0, 1, 2];

/** All that is not sent; the ids differ from one database to the other. */
const unsentOf = async ({ outbox }: MessageParts) =>
  (await outbox.unsent(momentAt(1_000_000), MANY)).map(({ id: _id, ...row }) => row);

export class Run {
  private readonly written: { readonly kind: Kind; readonly batch: readonly Entry[] }[] = [];
  private readonly heldLast = new Map<string, object>();
  private readonly heldBefore = new Map<string, object>();

  constructor(
    private readonly real: Side,
    private readonly simulated: Side,
  ) {}

  async play(steps: readonly Step[], redrivesAll: boolean): Promise<void> {
    for (const [place, step] of steps.entries()) {
      for (const side of [this.real, this.simulated]) side.now = momentAt(place);
      await this.take(step, momentAt(place));
    }
    await this.look();
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

  private async take(step: Step, at: Instant): Promise<void> {
    switch (step.step) {
      case 'write':
        await this.write(step.kind, await this.batchOf(step.kind, step.entries));
        return;
      case 'joint':
        await this.writeJoint('joint', await this.jointsOf(step.plans));
        return;
      case 'booking':
        await this.writeJoint('booking', await this.jointsOf(step.plans));
        return;
      case 'repeat': {
        const earlier = this.written.at(-1 - step.ago);
        if (earlier) await this.write(earlier.kind, earlier.batch);
        return;
      }
      case 'message':
        await this.same((side) => step.call.run(side.parts, at));
    }
  }

  /** Compares what is to be published, to be tried again and to be ended by time. */
  private async look(): Promise<void> {
    await this.same(({ parts }) => unsentOf(parts));
    await this.same(({ parts }) => parts.letters.list(MANY));
    await this.same(({ parts }) => parts.letters.retrying(MANY));
    await this.same(({ parts }) => parts.orderIndex.failedCompensations('0', MANY));
    for (const moment of [1, 12, 23].map(momentAt)) {
      const page = { after: '-1', limit: MANY };
      for (const paying of [true, false])
        await this.same(({ parts }) => parts.orderIndex.expired(ALL_SHARDS, moment, paying, page));
      const due = new Map(ALL_SHARDS.map((shard) => [shard, moment]));
      await this.same(({ parts }) => parts.orderIndex.unfinished(due, page));
    }
  }

  private async write(kind: Kind, batch: readonly Entry[]): Promise<void> {
    this.written.push({ kind, batch });
    const outcome = await this.same((side) => side.write(kind, batch));
    if (!(outcome as { refused?: unknown }).refused) return;
    // So a group commit finds out which of them is refused.
    for (const entry of batch) await this.same((side) => side.write(kind, [entry]));
  }

  private async writeJoint(store: JointStoreName, joints: readonly AnyJoint[]): Promise<void> {
    const outcome = await this.same((side) => side.writeJoint(store, joints));
    if (!(outcome as { refused?: unknown }).refused) return;
    for (const joint of joints) await this.same((side) => side.writeJoint(store, [joint]));
  }

  private async jointsOf(plans: readonly JointPlan[]): Promise<readonly AnyJoint[]> {
    const joints: AnyJoint[] = [];
    const believed = new Map<string, object | undefined>();
    const coupons = new Set<string>();
    for (const { kind: own, id: ownId, belief: ownBelief, facts, steps } of plans) {
      const taken: AnyJoint['steps'][number][] = [];
      for (const { kind, id, belief, facts: takes } of steps) {
        // A coupon that was used by one order says no to the next.
        if (kind === 'coupon' && coupons.has(id)) continue;
        if (kind === 'coupon') coupons.add(id);
        const name = `${kind} ${id}`;
        const before = believed.has(name) ? believed.get(name) : await this.believe(kind, id, belief);
        const after = evolved(kind, before, takes);
        believed.set(name, after);
        taken.push({ kind, entry: { id, facts: takes, before, after } });
      }
      const before = await this.believe(own, ownId, ownBelief);
      joints.push({ id: ownId, facts, before, after: evolved(own, before, facts), steps: taken });
    }
    return joints;
  }

  /** The entries as an actor stages them, each decided on the state that the one before left; none that conflict. */
  private async batchOf(kind: Kind, plans: readonly EntryPlan[]): Promise<readonly Entry[]> {
    const batch: Entry[] = [];
    const keys = new Set<string>();
    const believed = new Map<string, object | undefined>();
    for (const { id, belief, facts, inbox } of plans) {
      const before = believed.has(id) ? believed.get(id) : await this.believe(kind, id, belief);
      const after = evolved(kind, before, facts);
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
    const last = this.heldLast.get(name);
    if (last && JSON.stringify(last) !== JSON.stringify(held)) this.heldBefore.set(name, last);
    if (held) this.heldLast.set(name, held);
    switch (belief) {
      case 'held':
        return held;
      case 'old':
        return this.heldBefore.get(name);
      case 'wrong':
        return held && { ...held, stock: 99, score: 99, version: 99, userId: '12' };
      case 'nothing':
        return undefined;
    }
  }
}

const evolved = (kind: Kind, before: object | undefined, facts: readonly unknown[]): object | undefined =>
  facts.reduce<object | undefined>((now, fact) => DECIDERS[kind].evolve(now, fact), before);

const requestsOf = (kind: Kind): readonly LoadRequest[] =>
  IDS[kind].flatMap((id) => [{ id }, ...RECORD_KEYS[kind].map((recordKey) => ({ id, recordKey }))]);
