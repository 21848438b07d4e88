// Customers of whom few do what is expected: they want what is nearly sold out, and pay in every way that the platform
// can misbehave: twice, late, too little, without a callback, while they cancel.
import type { Chance } from '../../bin/load/seeded';
import { wishFor, type Goods, type Market, type Wish } from '../../bin/load/wishes';

const ENDS: readonly Wish['then'][] = [
  'pays at the platform',
  'pays at the platform',
  'pays at the platform',
  'pays at the platform',
  'pays and cancels',
  'cancels',
  'looks',
  'leaves',
];

type Misbehaviour = NonNullable<Wish['misbehaviour']>;

const MISBEHAVIOURS: readonly ((chance: Chance) => Misbehaviour)[] = [
  () => ({}),
  () => ({}),
  () => ({ behaviour: 'twice' }),
  // From at once to after the order's time is over.
  (chance) => ({ behaviour: 'late', delayMs: chance.whole(0, 12_000) }),
  () => ({ behaviour: 'bad-signature' }),
  () => ({ behaviour: 'again' }),
  () => ({ behaviour: 'silent' }),
  (chance) => ({ behaviour: 'wrong-amount', amount: chance.pick(['0.01', '1.00', '9999.99']) }),
];

/** @param scarce goods that sell out, so that what is given back is sold again */
export const unrulyWishes =
  (scarce: readonly Goods[]) =>
  (market: Market, chance: Chance): Wish => ({
    ...wishFor(chance.of(0.3) ? { ...market, goods: scarce } : market, chance),
    then: chance.pick(ENDS),
    misbehaviour: chance.pick(MISBEHAVIOURS)(chance),
  });
