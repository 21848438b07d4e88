// Carries out a schedule: each fault at its time, or as soon as its targets are mended from the one before.
import { setTimeout as pause } from 'node:timers/promises';
import type { Cluster } from '../reliability/cluster';
import { ACTS, nameOf, type Scene } from './acts';
import { FAULTS } from './faults';
import { targetsOf, type PlannedFault } from './schedule';

export class Saboteur {
  /** How often each fault was carried out. */
  readonly done: Record<string, number> = {};
  /** What no fault excuses, such as a node that ends by itself. */
  readonly accusations: string[] = [];
  private readonly mended = new Map<string, Promise<void>>();

  constructor(
    private readonly cluster: Cluster,
    private readonly say: (line: string) => void,
  ) {}

  /** @param signal breaks everything off: what is broken is mended at once. @returns when all is mended */
  async carryOut(schedule: readonly PlannedFault[], signal: AbortSignal): Promise<void> {
    const beganMs = performance.now();
    const under: Promise<void>[] = [];
    for (const planned of schedule) {
      await waitFor(beganMs + planned.atMs - performance.now(), signal);
      if (signal.aborted) break;
      const targets = targetsOf(planned);
      const before = Promise.all(targets.map((target) => this.mended.get(target) ?? Promise.resolve()));
      const mended = before.then(() => this.strike(planned, signal));
      for (const target of targets) this.mended.set(target, mended);
      under.push(mended);
    }
    await Promise.all(under);
    this.lookForDead();
  }

  private async strike(planned: PlannedFault, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return;
    const { fault, forMs } = planned;
    if (FAULTS[fault].of === 'node') this.lookForDead(planned.whom);
    this.say(describe(planned, this.cluster));
    const scene: Scene = {
      cluster: this.cluster,
      planned,
      lasts: () => waitFor(forMs, signal),
      accuse: (what) => void this.accusations.push(what),
    };
    await ACTS[fault](scene);
    this.done[fault] = (this.done[fault] ?? 0) + 1;
  }

  /** Whoever was not ended by us has ended by itself. */
  private lookForDead(places: readonly number[] = this.cluster.nodes.map((_, place) => place)): void {
    for (const place of places) {
      const node = this.cluster.node(place);
      if (!node.running()) this.accusations.push(`${nameOf(node)} has ended by itself`);
    }
  }
}

function describe({ fault, forMs, whom, delayMs }: PlannedFault, cluster: Cluster): string {
  const { of } = FAULTS[fault];
  const names = whom.map((place) =>
    of === 'NATS' ? cluster.nats[place]?.name : nameOf(cluster.node(place)),
  );
  const span = forMs > 0 ? ` for ${(forMs / 1_000).toFixed(1)} s` : '';
  const slow = fault.startsWith('slow') ? ` by ${delayMs} ms each way` : '';
  return `${fault}${names.length > 0 ? ` (${names.join(', ')})` : ''}${slow}${span}`;
}

const waitFor = (ms: number, signal: AbortSignal): Promise<void> =>
  pause(Math.max(0, ms), undefined, { signal }).catch(() => undefined);
