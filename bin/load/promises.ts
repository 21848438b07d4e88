// What customers were promised, so that it can be held against what the shop says later: an order confirmed to
// them, a cancellation, a callback answered with `success`, money that the platform took.
import { setTimeout as pause } from 'node:timers/promises';
import { CODES } from '../../actors/domain/codes';
import type { Data } from './order-body';

interface PromisedOrder {
  readonly orderId: string;
  readonly userId: string;
  /** `either`: it was called off, and nobody has answered. */
  end: 'confirmed' | 'cancelled' | 'either';
}

interface TakenPayment {
  readonly orderId: string;
  readonly userId: string;
  readonly atMs: number;
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

const CONFIRMED = 1;
const CANCELLED = CODES.SHOP_ORDER_CANCELLED.code;
const EXPIRED = CODES.SHOP_ORDER_EXPIRED.code;

const expiry = (order: Data): number => Date.parse(String(order['expireTime']));

/** Nobody has paid it, and its time is really over. */
const isExpired = (order: Data): boolean =>
  order['failCode'] === EXPIRED && order['payStatus'] !== 2 && expiry(order) <= Date.now();

export class Promises {
  /** By request key. */
  readonly orders = new Map<string, PromisedOrder>();
  /** Payment by transaction: the callback was answered with the literal. */
  readonly told = new Map<string, string>();
  /** Payments that the platform took what was due for. */
  readonly taken = new Map<string, TakenPayment>();
  /** Code by request key: the order was refused for good. */
  readonly refusals = new Map<string, number>();
  /** What may never be said, whatever has died. */
  readonly untrue: string[] = [];
  /** Promises that were too many to be remembered. */
  forgotten = 0;
  /** Orders that their customers have tried to cancel. */
  private readonly calledOff = new Set<string>();

  get count(): number {
    return this.orders.size + this.told.size + this.taken.size + this.refusals.size;
  }

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
    if (!order) return;
    order.end = end;
    this.calledOff.add(order.orderId);
  }

  /** @param atMs by then the platform had the money, in ms since 1970 */
  paidAtPlatform(payId: string, orderId: string, userId: string, atMs: number): void {
    this.keep(this.taken, payId, { orderId, userId, atMs });
  }

  calledBack(transactionId: string, payId: string): void {
    this.keep(this.told, transactionId, payId);
  }

  refused(key: string, code: number): void {
    this.keep(this.refusals, key, code);
  }

  /**
   * Holds every promise against what the shop says. What is under way may still come true within this time.
   * @param onWait called with what is not kept yet, each time that it is found
   * @returns a line for each that is broken, what was untrue first
   */
  async broken(
    witness: Witness,
    withinMs: number,
    onWait?: (why: string) => void,
  ): Promise<readonly string[]> {
    const deadline = performance.now() + withinMs;
    const checks = this.checks(witness);
    const broken = [...this.untrue];
    const lane = async (): Promise<void> => {
      for (const check of checks) {
        let why = await check();
        while (why !== undefined && performance.now() < deadline) {
          onWait?.(why);
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
        const { failCode } = order;
        const isKept =
          failCode === null
            ? order['orderStatus'] === CONFIRMED && end !== 'cancelled'
            : (failCode === CANCELLED && end !== 'confirmed') || isExpired(order);
        if (isKept) return undefined;
        return `order ${orderId} was ${end}, and is ${String(order['orderStatus'])}, fail code ${String(failCode)}`;
      };
    }
    for (const [transactionId, payId] of this.told) {
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
    for (const [payId, { orderId, userId, atMs }] of this.taken) {
      yield async () => {
        const order = await witness.order(orderId, userId);
        if (order?.['payStatus'] === 2 && order['payId'] === payId) return undefined;
        // Who pays an order that is being called off, or whose time is over, may have the money back instead.
        const isLate = order !== undefined && isExpired(order) && atMs >= expiry(order);
        if (isLate || (order?.['failCode'] === CANCELLED && this.calledOff.has(orderId))) return undefined;
        return `order ${orderId} was paid by ${payId} and does not say so`;
      };
    }
  }

  private keep<Kept>(map: Map<string, Kept>, key: string, kept: Kept): void {
    if (map.size >= MOST) this.forgotten += 1;
    else map.set(key, kept);
  }
}
