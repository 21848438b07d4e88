// A way into the node: what is sent by it, and the judgement of each answer. fast-check makes the inputs from a seed,
// and shrinks the one that shows a fault.
import fc from 'fast-check';
import { shardOf } from '../../supervisors/shard';

export interface Way {
  readonly name: string;
  /** Its share of the inputs, in relation to the other ways. */
  readonly weight: number;
  /** Sends so many inputs, one after the other. @returns the fault that was found, if any */
  readonly check: (seed: number, inputs: number, watch: Watch) => Promise<Finding | undefined>;
}

export interface Watch {
  /** Told of every input, before it is sent and after. */
  readonly onSend: (input: unknown) => void;
  readonly onSent: () => void;
  /** Whether nothing can be sent any more: no answer is no finding then. */
  readonly isOver: () => boolean;
}

export interface Finding {
  readonly way: string;
  readonly seed: number;
  readonly wrong: string;
  /** The smallest input that shows it, cut where it is long. */
  readonly input: string;
}

/** Shrinking against a server ends after so many tries: some faults take seconds to show. */
const MOST_SHRINKS = 250;
const MOST_SHOWN = 1_500;

export const shown = (input: unknown): string => fc.stringify(input).slice(0, MOST_SHOWN);

/** @param run sends an input. @returns what is wrong with what came of it */
export function wayOf<Input>(
  name: string,
  weight: number,
  inputs: fc.Arbitrary<Input>,
  run: (input: Input) => Promise<string | undefined>,
): Way {
  const check: Way['check'] = async (seed, numRuns, { onSend, onSent, isOver }) => {
    let failed = false;
    let shrinks = 0;
    const property = fc.asyncProperty(inputs, async (input) => {
      if (isOver() || (failed && (shrinks += 1) > MOST_SHRINKS)) return;
      onSend(input);
      const wrong = await run(input);
      if (isOver()) return;
      if (!failed) onSent();
      if (wrong === undefined) return;
      failed = true;
      throw new Error(wrong);
    });
    const { failed: isFound, counterexample, errorInstance } = await fc.check(property, { seed, numRuns });
    if (!isFound) return undefined;
    const wrong = errorInstance instanceof Error ? errorInstance.message : String(errorInstance);
    return { way: name, seed, wrong, input: shown(counterexample) };
  };
  return { name, weight, check };
}

/** The seed of one slice of one way: the same for the same seed, whatever else runs. */
export const sliceSeed = (seed: number, way: string, slice: number): number =>
  shardOf(`${seed} ${way} ${slice}`, 0x7fffffff);
