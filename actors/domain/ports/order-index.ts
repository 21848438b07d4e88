// Orders that must be resumed, or ended by time or after all.
import type { Instant } from '../envelope';
import type { GoodsId, OrderId, PayId } from '../ids';

/** An order of whose give-backs one was given up. */
export interface FailedCompensation {
  readonly orderId: OrderId;
  readonly goodsIds: readonly GoodsId[];
}

export interface OrderPage {
  /** From the order after this. */
  readonly after: string;
  readonly limit: number;
}

export interface UnfinishedOrder {
  readonly orderId: OrderId;
  /** The round that it is in, as far as that is committed. */
  readonly attempts: number;
}

export interface ExpiredOrder {
  readonly orderId: OrderId;
  readonly payId: PayId | undefined;
}

/** Finds what must be resumed, or ended by time or after all. */
export interface OrderIndex {
  /** Orders of these shards that are still in status 0 and whose next attempt is due before the shard's moment, by id. */
  unfinished(due: ReadonlyMap<number, Instant>, page: OrderPage): Promise<readonly UnfinishedOrder[]>;
  /**
   * Confirmed and unpaid orders of these shards whose time is over, by id.
   * @param paying those that have an open payment, or those that have none
   */
  expired(
    shards: readonly number[],
    now: Instant,
    paying: boolean,
    page: OrderPage,
  ): Promise<readonly ExpiredOrder[]>;
  /** Orders whose compensation has failed, by id, from the one after this. */
  failedCompensations(after: string, limit: number): Promise<readonly FailedCompensation[]>;
}
