// Chance that can be repeated: the same seed gives the same customers.

export interface Chance {
  /** Whether something of this probability happens. */
  of(probability: number): boolean;
  pick<Item>(items: readonly Item[]): Item;
  /** A whole number, both bounds included. */
  whole(least: number, most: number): number;
}

/** Numbers that are the same for the same seed (mulberry32). @throws Error when something is picked of nothing */
export function seeded(seed: number): Chance {
  let state = seed;
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  return {
    of: (probability) => next() < probability,
    whole: (least, most) => least + Math.floor(next() * (most - least + 1)),
    pick: (items) => {
      const place = Math.floor(next() * items.length);
      if (place >= items.length) throw new Error('there is nothing to pick from');
      return items[place] as (typeof items)[number];
    },
  };
}
