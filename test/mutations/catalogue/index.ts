// All faults that are planted. Each must be found.
import type { Mutation } from '../mutation';
import { entityMutations } from './entity';
import { eventMutations } from './events';
import { foundMutations } from './found';
import { jointMutations } from './joint';
import { orderMutations } from './order';
import { ownershipMutations } from './ownership';
import { participantMutations } from './participants';
import { paymentMutations } from './payment';
import { statementMutations } from './statements';

export const CATALOGUE: readonly Mutation[] = [
  ...entityMutations,
  ...jointMutations,
  ...participantMutations,
  ...orderMutations,
  ...paymentMutations,
  ...eventMutations,
  ...ownershipMutations,
  ...statementMutations,
  ...foundMutations,
];
