// Whether memory grows: what a system has while it is under load, second by second.
import { median } from '../reliability/figures';
import { residentMb } from './processes';

export interface Memory {
  /** The median of the middle third of the measurement, in MB. */
  readonly middleMb: number;
  /** That of the last third: about the same, unless something is never let go. */
  readonly lastMb: number;
}

const SAMPLE_MS = 1_000;

/** Watches processes from now on. @returns what ends it and tells; undefined where nobody tells of memory */
export function watchMemory(pids: readonly number[]): () => Memory | undefined {
  const samples: number[] = [];
  const sample = (): void => {
    const size = residentMb(pids);
    if (size !== undefined) samples.push(size);
  };
  sample();
  const timer = setInterval(sample, SAMPLE_MS);
  return () => {
    clearInterval(timer);
    return samples.length === 0 ? undefined : thirdsOf(samples);
  };
}

export function thirdsOf(samples: readonly number[]): Memory {
  const third = samples.length / 3;
  return {
    middleMb: median(samples.slice(Math.floor(third), Math.ceil(2 * third))),
    lastMb: median(samples.slice(Math.floor(2 * third))),
  };
}
