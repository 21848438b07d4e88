// Where new ids come from.
import type { Address } from '../envelope';
import type { OrderId } from '../ids';

export interface IdSource {
  /** A new snowflake id (R17). @throws RetryableError while no worker number is leased */
  next(): string;
}

/** Ids of orders that are about to be placed. */
export interface OrderIds {
  /** @param needs whom the order will ask @throws RetryableError while no worker number is leased */
  next(needs: readonly Address[]): OrderId;
}
