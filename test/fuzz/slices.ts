// The inputs of a run, cut into slices of one way in each: each way gets its share, and one at least.
import { sliceSeed, type Way } from './way';

export interface Slice {
  readonly way: Way;
  readonly seed: number;
  readonly inputs: number;
}

const MOST_OF_A_SLICE = 100;

/** @returns the slices in an order in which the ways take turns; the same for the same seed */
export function slicesOf(ways: readonly Way[], inputs: number, seed: number): Slice[] {
  const weights = ways.reduce((sum, { weight }) => sum + weight, 0);
  const slices = ways.flatMap((way) => {
    const share = Math.max(1, Math.round((inputs * way.weight) / weights));
    const count = Math.ceil(share / MOST_OF_A_SLICE);
    return Array.from({ length: count }, (_, place) => ({
      way,
      seed: sliceSeed(seed, way.name, place),
      inputs: Math.min(MOST_OF_A_SLICE, share - place * MOST_OF_A_SLICE),
      turn: (place + 1) / count,
    }));
  });
  return slices.sort((left, right) => left.turn - right.turn);
}
