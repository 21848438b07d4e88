// What an operator may see and do, by the CLI or the admin routes; and what shops list.
import type { Instant } from './envelope';
import type { Compensation } from './order-state';
import type { ConsumptionKey, DeadLetter, RetriedEvent } from './ports/inbox';
import type { Stream } from './events';

export interface Finding {
  /** The rule that is broken, e.g. "stock is the sum of its ledger". */
  readonly rule: string;
  readonly broken: number;
  /** Some of the ids concerned. */
  readonly examples: readonly string[];
}

export interface AuditReport {
  readonly clean: boolean;
  readonly rules: readonly Finding[];
}

/** A row of a table, its columns in camelCase, ids and money as strings. */
export type Row = Readonly<Record<string, unknown>>;

/** The compensations that are not at their good end, by name. */
export const OPEN_COMPENSATIONS = [
  'running',
  'failed',
] as const satisfies readonly (keyof typeof Compensation)[];

export interface StuckQuery extends Page {
  /** Only orders whose compensation stands so. */
  readonly compensation?: (typeof OPEN_COMPENSATIONS)[number] | undefined;
}

/** What a group made of an order's cancellation so far. */
export interface GroupAtWork {
  readonly group: string;
  /** The order's id, with the goods' after it for a line. */
  readonly key: string;
  readonly attempts: number;
  readonly remark: string;
  readonly time: Instant;
  /** It failed and is tried again, not before then. */
  readonly nextTime?: Instant;
}

/** The order's row, and why it does not get on. */
export type StuckOrder = Row & {
  readonly state: 'placing overdue' | 'expiry overdue' | 'compensation running' | 'compensation failed';
  /** The name of the order's fail code. */
  readonly why?: string | undefined;
  readonly gaveUp: readonly GroupAtWork[];
  readonly retrying: readonly GroupAtWork[];
};

export interface Operations {
  /** An order with its lines, ledger rows, payments and events; undefined if there is none. */
  order(orderId: string): Promise<Row | undefined>;
  /** A payment with its transactions, log and events; undefined if there is none. */
  payment(payId: string): Promise<Row | undefined>;
  /** Orders half-way or unpaid for too long, and orders whose compensation runs or failed. */
  stuckOrders(which: StuckQuery): Promise<readonly StuckOrder[]>;
  /** Money that is due to go back to a customer and has not. */
  openRefunds(page: Page): Promise<readonly Row[]>;
  /** What was given up. */
  deadLetters(limit: number, after?: string): Promise<readonly DeadLetter[]>;
  /** Events that failed, or were re-driven, and are tried again by themselves. */
  retrying(limit: number, after?: string): Promise<readonly RetriedEvent[]>;
  /** @returns how many were re-driven */
  redrive(which: Partial<ConsumptionKey>): Promise<number>;
  outbox(): Promise<{
    readonly unsent: number;
    readonly sent: number;
    readonly oldestUnsent: string | undefined;
  }>;
  /** @returns how many events go out again */
  replay(topic: Stream, key?: string): Promise<number>;
  /** Reads the books and reports every broken rule. @param adopt rows without ledger entries count as opening balances */
  audit(options: { adopt: boolean }): Promise<AuditReport>;
}

export interface Page {
  readonly limit: number;
  /** The last id of the page before. */
  readonly after?: string | undefined;
}

/** Lists for the shop's pages; they may lag behind the actors by a moment. */
export interface Catalogue {
  goods(page: Page): Promise<readonly Row[]>;
  coupons(userId: string, page: Page): Promise<readonly Row[]>;
  orders(userId: string, page: Page): Promise<readonly Row[]>;
  /** The stored password hash of a user; undefined if there is no such user or no password. */
  passwordHash(userId: string): Promise<string | undefined>;
}
