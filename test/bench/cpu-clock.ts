// Who used the CPU while it was measured: each of the servers, this client, and whoever else is on the machine. The share
// of others says how far a figure may be trusted.
import { cpuSeconds, machineSeconds } from './processes';
import type { Subject } from './subject';

type Seconds = Readonly<Record<string, number>>;

const CLIENT = 'client';
const MACHINE = 'machine';

export class CpuClock {
  private from: Seconds | undefined;
  private to: Seconds | undefined;

  constructor(private readonly subject: Pick<Subject, 'processes'>) {}

  begin(): void {
    this.from = this.sample();
  }

  end(): void {
    this.to = this.sample();
  }

  /** @param seconds how long was measured. @param done how much was done in it */
  figures(seconds: number, done: number) {
    const { from, to } = this;
    if (!from || !to || done === 0) return { cpuPer1000: undefined, coresElsewhere: undefined };
    const used = (name: string): number => (to[name] ?? 0) - (from[name] ?? 0);
    const servers = Object.keys(this.subject.processes);
    const ours = [...servers, CLIENT].reduce((sum, name) => sum + used(name), 0);
    return {
      cpuPer1000: Object.fromEntries(servers.map((name) => [name, (used(name) * 1_000) / done])) as Seconds,
      coresElsewhere: Math.max(0, used(MACHINE) - ours) / seconds,
    };
  }

  private sample(): Seconds | undefined {
    const { user, system } = process.cpuUsage();
    const times = [
      ...Object.entries(this.subject.processes).map(([name, pids]) => [name, cpuSeconds(pids)] as const),
      [CLIENT, (user + system) / 1_000_000] as const,
      [MACHINE, machineSeconds()] as const,
    ];
    if (times.some(([, seconds]) => seconds === undefined)) return undefined;
    return Object.fromEntries(times) as Seconds;
  }
}
