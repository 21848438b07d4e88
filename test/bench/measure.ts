// One measurement: fresh books, a system that is started for it, a load, and the verdict. Nothing is left running.
import { CpuClock } from './cpu-clock';
import { drive, type Load } from './drive';
import { farFrom } from './far';
import type { Ground } from './ground';
import { embeddedPlace, placeOnServer, type Place } from './place';
import { watchMemory, type Memory } from './memory';
import { peakMb } from './processes';
import { Pulse } from './pulse';
import { callbacks, orders, supplyFor, type Requests } from './requests';
import type { Row, System } from './rows';
import type { Minute, Times } from './score';
import { startMonolithProcess } from './start-monolith';
import { startNodes } from './start-nodes';
import { fill } from './stock';
import type { Subject } from './subject';
import { countDone, judge } from './verdict';

export interface Plan {
  readonly warmupSeconds: number;
  readonly seconds: number;
  /** Requests a second, in an open loop; as many as are answered if there is none. */
  readonly rate?: number | undefined;
  /** Orders that were there before, if not as many as the row says. */
  readonly history?: number | undefined;
}

export interface Measurement extends Times {
  readonly row: string;
  readonly system: System;
  /** How long was really measured. */
  readonly seconds: number;
  readonly done: number;
  readonly perSecond: number;
  /** Of the servers, for each 1,000 that were done; undefined where nobody tells. */
  readonly cpuPer1000: Readonly<Record<string, number>> | undefined;
  /** Cores that were busy with neither the servers nor the client; undefined where nobody tells. */
  readonly coresElsewhere: number | undefined;
  /** Of the nodes, or the monolith. */
  readonly peakMb: number | undefined;
  readonly memory: Memory | undefined;
  readonly minutes: readonly Minute[];
  /** The longest that the client itself was late, of each minute, in milliseconds. */
  readonly clientLateMs: readonly number[];
  /** What was no success. */
  readonly others: Readonly<Record<string, number>>;
  /** From the last answer until nothing was under way any more. */
  readonly settleSeconds: number;
  readonly broken: readonly string[];
}

/** More than any system does; the measurement ends sooner if it is not enough. */
const MOST_PER_SECOND: Readonly<Record<Row['workload'], number>> = {
  uniform: 8_000,
  hot: 8_000,
  callback: 4_500,
};

/** Measures a system under the load of a row. */
export async function measure(system: System, row: Row, ground: Ground, plan: Plan): Promise<Measurement> {
  const rate = plan.rate ?? row.rate;
  const most = (warmupSecondsOf(row, plan) + plan.seconds) * (rate ?? MOST_PER_SECOND[row.workload]);
  const supply = supplyFor(row.workload, Math.ceil(most), plan.history ?? row.history);
  const requests =
    row.workload === 'callback'
      ? callbacks(ground.callbacks(supply.payments))
      : orders(row.workload, supply, (userId) => ground.tokenOf(userId));
  const place = system === 'embedded' ? embeddedPlace(ground) : await placeOnServer(ground);
  try {
    const before = await withBooks(place, async (books) => {
      await fill(books.reader, supply);
      return countDone(books, row.workload);
    });
    const { told, figures } = await underLoad(system, row, ground, plan, place, requests);
    const broken = await withBooks(place, (books) => judge(books, row.workload, before, told));
    const nothing = figures.done > 0 ? [] : ['nothing was done while it was measured'];
    return { row: row.name, system, ...figures, broken: [...nothing, ...broken] };
  } finally {
    await place.drop();
  }
}

/** Node compiles what is used often, and each of several nodes has only a share of the load. */
const warmupSecondsOf = ({ nodes }: Row, { warmupSeconds }: Plan): number => warmupSeconds * nodes;

async function withBooks<Result>(
  place: Place,
  use: (books: Awaited<ReturnType<Place['open']>>) => Promise<Result>,
): Promise<Result> {
  const books = await place.open();
  return use(books).finally(() => books.close());
}

async function underLoad(
  system: System,
  row: Row,
  ground: Ground,
  plan: Plan,
  { url }: Place,
  requests: Requests,
) {
  const far = url === undefined || row.farMs === 0 ? undefined : await farFrom(url, row.farMs);
  try {
    const databaseUrl = far?.url ?? url;
    const subject =
      system === 'monolith'
        ? await startMonolithProcess(ground, databaseUrl ?? '')
        : await startNodes(ground, row.nodes, databaseUrl);
    try {
      return await drivenAndAtRest(subject, {
        ports: subject.ports,
        connections: row.connections,
        warmupMs: warmupSecondsOf(row, plan) * 1_000,
        measureMs: plan.seconds * 1_000,
        rate: plan.rate ?? row.rate,
        ...requests,
      });
    } finally {
      await subject.stop();
    }
  } finally {
    await far?.stop();
  }
}

async function drivenAndAtRest(subject: Subject, load: Load) {
  const clock = new CpuClock(subject);
  const pulse = new Pulse();
  let memory: () => Memory | undefined = () => undefined;
  const { score, measuredMs } = await drive({
    ...load,
    onBegin: () => {
      clock.begin();
      pulse.begin();
      memory = watchMemory(subject.application);
    },
    onEnd: () => clock.end(),
  });
  const watched = memory();
  const clientLateMs = pulse.end();
  const peak = peakMb(subject.application);
  const endMs = performance.now();
  await subject.settle();
  const seconds = measuredMs / 1_000;
  const done = score.measured;
  return {
    told: score,
    figures: {
      seconds,
      done,
      perSecond: done === 0 ? 0 : done / seconds,
      ...score.times(),
      ...clock.figures(seconds, done),
      peakMb: peak,
      memory: watched,
      minutes: score.byMinute(),
      clientLateMs,
      others: score.others,
      settleSeconds: (performance.now() - endMs) / 1_000,
    },
  };
}
