// What happens when, drawn from a seed: the same seed and options give the same schedule. Every kind of fault comes
// once before any comes again, in an order of its own each time.
import { seeded, type Chance } from '../../bin/load/seeded';
import { FAULT_NAMES, FAULTS, RECOVERS_MS, type Fault, type FaultKind } from './faults';

export interface ScheduleOptions {
  readonly seed: number;
  readonly seconds: number;
  readonly nodes: number;
  readonly natsServers: number;
  /** From one fault to the next, on average. */
  readonly everyMs: number;
}

export interface PlannedFault {
  /** Since the load began. */
  readonly atMs: number;
  readonly fault: Fault;
  readonly forMs: number;
  /** Places of nodes or of nats-servers. */
  readonly whom: readonly number[];
  /** Of a slow network, each way. */
  readonly delayMs: number;
}

const FIRST_MS = 1_000;
/** When nothing can happen, because all that could is away. */
const BREATH_MS = 250;

/** @returns the faults in the order of their times; each is over when the time is */
export function scheduleOf(options: ScheduleOptions): readonly PlannedFault[] {
  const { everyMs } = options;
  const chance = seeded(options.seed);
  const endMs = options.seconds * 1_000;
  const freeAtMs = new Map<string, number>();
  const planned: PlannedFault[] = [];
  let deck: Fault[] = [];
  for (let atMs = FIRST_MS; atMs < endMs;) {
    if (deck.length === 0) deck = shuffled(possible(options), chance);
    const isFree = (target: string): boolean => (freeAtMs.get(target) ?? 0) <= atMs;
    const found = firstThatFits(deck, options, chance, isFree);
    if (found === undefined) {
      atMs += BREATH_MS;
      continue;
    }
    deck = deck.filter((fault) => fault !== found.fault);
    const {
      of,
      forMs: [least, most],
    } = FAULTS[found.fault];
    const forMs = Math.min(chance.whole(least, most), endMs - atMs);
    for (const target of targetsOf(found)) freeAtMs.set(target, atMs + forMs + RECOVERS_MS[of]);
    planned.push({ ...found, atMs, forMs, delayMs: chance.whole(20, 400) });
    atMs += chance.whole(Math.round(0.4 * everyMs), Math.round(1.6 * everyMs));
  }
  return planned;
}

/** What a fault keeps for itself: brokers are one target, because a cluster of them needs a majority. */
export function targetsOf({ fault, whom }: Pick<PlannedFault, 'fault' | 'whom'>): readonly string[] {
  const { of } = FAULTS[fault];
  return of === 'node' || of === 'network' ? whom.map((place) => `${of} ${place}`) : [of];
}

const possible = ({ nodes }: ScheduleOptions): readonly Fault[] =>
  FAULT_NAMES.filter((fault) => FAULTS[fault].whom !== 2 || nodes > 2);

function firstThatFits(
  deck: readonly Fault[],
  options: ScheduleOptions,
  chance: Chance,
  isFree: (target: string) => boolean,
): Pick<PlannedFault, 'fault' | 'whom'> | undefined {
  for (const fault of deck) {
    const found = { fault, whom: drawWhom(FAULTS[fault], options, chance, isFree) };
    const targets = targetsOf(found);
    if (targets.length > 0 && targets.every(isFree)) return found;
  }
  return undefined;
}

/** @returns too few if not so many are free */
function drawWhom(
  { of, whom }: FaultKind,
  { nodes, natsServers }: ScheduleOptions,
  chance: Chance,
  isFree: (target: string) => boolean,
): readonly number[] {
  if (of === 'PostgreSQL') return [];
  const all = Array.from({ length: of === 'NATS' ? natsServers : nodes }, (_, place) => place);
  if (whom === 'all') return all;
  if (whom === 'some') return chance.of(0.5) ? all : [chance.pick(all)];
  const free = shuffled(
    all.filter((place) => isFree(`${of} ${place}`)),
    chance,
  );
  return free.length < whom ? [] : free.slice(0, whom);
}

function shuffled<Item>(items: readonly Item[], chance: Chance): Item[] {
  const rest = [...items];
  return items.map(() => {
    const place = chance.whole(0, rest.length - 1);
    return rest.splice(place, 1)[0] as Item;
  });
}
