// What customers were promised, so that it can be held against what the shop says later: an order confirmed to
// them, a cancellation, a callback answered with `success`, money that the platform took.
import { setTimeout as pause } from 'node:timers/promises';
import type { Data } from './order-body';

interface PromisedOrder {
  readonly orderId: string;
  readonly userId: string;
  /** `either`: it was called off, and nobody has answered. */
  end: 'confirmed' | 'cancelled' | 'either';
}

/** What the shop says now; undefined where it gives no answer. */
export interface Witness {
  order(orderId: string, userId: string): Promise<Data | undefined>;
  /** The transactions of a payment; for operators only. */
  transactions(payId: string): Promise<readonly Data[] | undefined>;
}

/** Beyond this many orders a run remembers nothing more of, so that its memory stays bounded. */
const MOST = 200_000;
const ASK_AGAIN_MS = 100;
const AT_ONCE = 16;

export class Promises {
  /** By request key. */
  readonly orders = new Map<string, PromisedOrder>();
  /** Transaction by payment: the callback was answered with the literal. */
  readonly told = new Map<string, string>();
  /** Payments that the platform took money for. */
  readonly taken = new Map<string, { readonly orderId: string; readonly userId: string }>();
  /** What may never be said, whatever has died. */
  readonly untrue: string[] = [];
  /** Promises that were too many to be remembered. */
  forgotten = 0;

  confirmed(key: string, orderId: string, userId: string): void {
    const before = this.orders.get(key);
    if (before && before.orderId !== orderId)
      this.untrue.push(`${key} is order ${before.orderId} and ${orderId}`);
    if (before) return;
    if (this.orders.size >= MOST) this.forgotten += 1;
    else this.orders.set(key, { orderId, userId, end: 'confirmed' });
  }

  ends(key: string, end: PromisedOrder['end']): void {
    const order = this.orders.get(key);
    if (order) order.end = end;
  }

  paidAtPlatform(payId: string, orderId: string, userId: string): void {
    if (this.taken.size >= MOST) this.forgotten += 1;
    else this.taken.set(payId, { orderId, userId });
  }

  calledBack(payId: string, transactionId: string): void {
    if (this.told.size >= MOST) this.forgotten += 1;
    else this.told.set(payId, transactionId);
  }

  /**
   * Holds every promise against what the shop says. What is under way may still come true within this time.
   * @returns a line for each that is broken, what was untrue first
   */
  async broken(witness: Witness, withinMs: number): Promise<readonly string[]> {
    const deadline = performance.now() + withinMs;
    const checks = this.checks(witness);
    const broken = [...this.untrue];
    const lane = async (): Promise<void> => {
      for (const check of checks) {
        let why = await check();
        while (why !== undefined && performance.now() < deadline) {
          await pause(ASK_AGAIN_MS);
          why = await check();
        }
        if (why !== undefined) broken.push(why);
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, lane));
    return broken;
  }

  /** Each gives what is wrong, if anything is. */
  private *checks(witness: Witness): Generator<() => Promise<string | undefined>> {
    for (const [key, { orderId, userId, end }] of this.orders) {
      yield async () => {
        const order = await witness.order(orderId, userId);
        if (order?.['orderId'] !== orderId) return `order ${orderId} of ${key} cannot be found`;
        const isCancelled = order['failCode'] !== null;
        if (end === 'either' || isCancelled === (end === 'cancelled')) return undefined;
        return `order ${orderId} was ${end}, and now has fail code ${String(order['failCode'])}`;
      };
    }
    for (const [payId, transactionId] of this.told) {
      yield async () => {
        const known = (await witness.transactions(payId))?.find(
          (one) => one['transactionId'] === transactionId,
        );
        const state = String(known?.['state']);
        return /^(booked|refunded)$/.test(state)
          ? undefined
          : `transaction ${transactionId} was acknowledged and is ${state}`;
      };
    }
    for (const [payId, { orderId, userId }] of this.taken) {
      yield async () => {
        const order = await witness.order(orderId, userId);
        const isPaid = order?.['payStatus'] === 2 && order['payId'] === payId;
        return isPaid ? undefined : `order ${orderId} was paid by ${payId} and does not say so`;
      };
    }
  }
}
