// What travels between actors: a command in an envelope one way, an answer the other.
import type { Code } from './codes';
import type { CouponId, GoodsId, OrderId, PayId, UserId } from './ids';

export const KINDS = ['order', 'payment', 'goods', 'coupon', 'wallet', 'pay-log'] as const;
export type Kind = (typeof KINDS)[number];

/** A moment as ISO 8601 in UTC, so that later is also greater as text. */
export type Instant = string;

export interface Address {
  readonly kind: Kind;
  readonly id: OrderId | PayId | GoodsId | CouponId | UserId;
}

/** A consumption to be recorded in the same commit as the effect of the command that carries it (R11). */
export interface InboxClaim {
  readonly group: string;
  readonly tag: string;
  readonly key: string;
  readonly messageId: string;
  /** The event's body as it came, for an operator to read. */
  readonly body: string;
}

export interface Envelope extends Address {
  readonly shard: number;
  readonly command: { readonly type: string };
  /** The same for every repeat of one command. */
  readonly key: string;
  /** How often this command was sent; from 2 on its ledger row is loaded before it is decided (R8). */
  readonly attempt: number;
  readonly inbox?: InboxClaim | undefined;
  /** W3C traceparent of the request that began this. */
  readonly trace?: string | undefined;
}

/** What an actor, or the way to it, answers. */
export type Answer =
  | { readonly outcome: 'ok'; readonly data: unknown }
  | { readonly outcome: 'refused'; readonly code: Code; readonly invalid: boolean; readonly data?: unknown }
  /** Nothing was decided, or what was decided was withdrawn: send again. Burns no attempt (R10). */
  | { readonly outcome: 'retry'; readonly reason: RetryReason }
  /** A fault that was answered, or silence from a live owner: burns an attempt (R10). */
  | { readonly outcome: 'fault'; readonly message: string; readonly silent: boolean };

export type RetryReason = 'not-owner' | 'moving' | 'busy' | 'unavailable' | 'not-yet';

export const ok = (data: unknown): Answer => ({ outcome: 'ok', data });
export const retry = (reason: RetryReason): Answer => ({ outcome: 'retry', reason });
export const fault = (message: string): Answer => ({ outcome: 'fault', message, silent: false });
/** No answer came in time: what became of the command is unknown. */
export const silence = (message: string): Answer => ({ outcome: 'fault', message, silent: true });
export const refused = (code: Code, invalid = false, data?: unknown): Answer => ({
  outcome: 'refused',
  code,
  invalid,
  ...(data === undefined ? {} : { data }),
});
