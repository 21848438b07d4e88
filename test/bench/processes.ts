// CPU time and memory of the server processes, as Linux tells them under /proc. Elsewhere nothing is known of them, and
// the columns stay away.
import { existsSync, readdirSync, readFileSync } from 'node:fs';

const PROC = '/proc';
/** What Linux counts in, whatever the kernel's own clock. */
const TICKS_PER_SECOND = 100;

interface Stat {
  readonly parent: number;
  /** Its own time, and that of its children that have ended. */
  readonly ticks: number;
}

/** CPU seconds of these processes and all their descendants so far; undefined where nobody tells. */
export function cpuSeconds(pids: readonly number[]): number | undefined {
  if (!existsSync(`${PROC}/self/stat`)) return undefined;
  const stats = allStats();
  const ticks = familyOf(pids, stats).map((pid) => stats.get(pid)?.ticks ?? 0);
  return ticks.reduce((sum, some) => sum + some, 0) / TICKS_PER_SECOND;
}

/** CPU seconds that the whole machine has used so far, whoever did; undefined where nobody tells. */
export function machineSeconds(): number | undefined {
  if (!existsSync(`${PROC}/stat`)) return undefined;
  const [, user = 0, nice = 0, system = 0, , , ...interrupts] = (
    readFileSync(`${PROC}/stat`, 'utf8').split('\n')[0] ?? ''
  )
    .split(/ +/)
    .map(Number);
  const [hard = 0, soft = 0] = interrupts;
  return (user + nice + system + hard + soft) / TICKS_PER_SECOND;
}

/** The most memory that each of these processes had at once, added up, in MB; undefined where nobody tells. */
export const peakMb = (pids: readonly number[]): number | undefined => memoryMb(pids, 'VmHWM');

/** What these processes have now, in MB; undefined where nobody tells. */
export const residentMb = (pids: readonly number[]): number | undefined => memoryMb(pids, 'VmRSS');

function memoryMb(pids: readonly number[], name: string): number | undefined {
  const sizes = pids.map((pid) =>
    Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(read(pid, 'status'))?.[1]),
  );
  const total = sizes.reduce((sum, size) => sum + size, 0);
  return Number.isNaN(total) ? undefined : Math.round(total / 1_024);
}

function allStats(): ReadonlyMap<number, Stat> {
  const pids = readdirSync(PROC).filter((name) => /^\d+$/.test(name));
  return new Map(pids.map((pid) => [Number(pid), statOf(read(Number(pid), 'stat'))]));
}

/** The name of a program stands in brackets and may hold anything, so what follows the last one is read. */
export function statOf(line: string): Stat {
  const fields = line.slice(line.lastIndexOf(')') + 2).split(' ');
  const [parent = 0, ...times] = [fields[1], ...fields.slice(11, 15)].map(Number);
  return { parent, ticks: times.reduce((sum, some) => sum + some, 0) };
}

function familyOf(pids: readonly number[], stats: ReadonlyMap<number, Stat>): readonly number[] {
  const children = [...stats].filter(([, { parent }]) => pids.includes(parent)).map(([pid]) => pid);
  return children.length === 0 ? pids : [...pids, ...familyOf(children, stats)];
}

/** Empty if the process has ended. */
function read(pid: number, file: string): string {
  try {
    return readFileSync(`${PROC}/${pid}/${file}`, 'utf8');
  } catch {
    return '';
  }
}
