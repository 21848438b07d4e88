// Tells the merchant of every transaction, again and again for a day, until it answers with the literal. What
// was not acknowledged when the platform stopped is told again from the start when it runs again.
import { setMaxListeners } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import { Agent, request } from 'undici';
import type { SandboxKeys } from './keys';
import type { Ledger, Payment, Transaction } from './ledger';

const SUCCESS_LITERAL = 'success';
const GIVE_UP_AFTER_MS = 24 * 60 * 60 * 1000;
const ANSWER_WITHIN_MS = 5_000;
/** A schedule that ends in 0 would otherwise send as fast as the machine can. */
const SHORTEST_REPEAT_MS = 10;

export const REPEAT_AFTER_MS: readonly number[] = [0, 1_000, 2_000, 5_000, 10_000, 30_000, 60_000, 300_000];

export interface CallbackOptions {
  readonly ledger: Ledger;
  readonly sign: SandboxKeys['sign'];
  /** Where callbacks go, unless a payment names its own address; each attempt goes to the next of them. */
  readonly callbackUrls: readonly string[];
  /** The pauses before each attempt; the last one counts for all that follow. */
  readonly repeatAfterMs: readonly number[];
  readonly logger: Logger;
}

export class Callbacks {
  readonly #options: CallbackOptions;
  readonly #stop = new AbortController();
  readonly #runs = new Map<string, Promise<void>>();
  /** Transactions begin at different addresses, so that each gets its share. */
  #first = 0;
  // A merchant's answer is a word; whoever sends pages of text has not acknowledged.
  readonly #agent = new Agent({ connections: 64, connect: { timeout: 2_000 }, maxResponseSize: 1_024 });

  constructor(options: CallbackOptions) {
    this.#options = options;
    setMaxListeners(0, this.#stop.signal);
  }

  /** Begins to tell the merchant of a transaction; harmless if it is being told already. */
  start(payment: Payment, transaction: Transaction): void {
    const { transactionId, acknowledged, callback } = transaction;
    if (acknowledged || callback.style === 'silent' || this.#runs.has(transactionId)) return;
    if (this.#stop.signal.aborted) return;
    const run = this.#run(payment, transaction).finally(() => this.#runs.delete(transactionId));
    this.#runs.set(transactionId, run);
  }

  /** Waits for the acknowledgement, unless it cannot come that soon. @returns whether it has come */
  async acknowledged(transaction: Transaction, withinMs: number): Promise<boolean> {
    const run = this.#runs.get(transaction.transactionId);
    if (run !== undefined && transaction.callback.notBefore <= Date.now() + withinMs) {
      const enough = new AbortController();
      await Promise.race([run, pause(withinMs, enough.signal)]);
      enough.abort();
    }
    return transaction.acknowledged;
  }

  /** Stops sending; what is under way is cut off. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#agent.destroy();
    await Promise.all(this.#runs.values());
  }

  async #run(payment: Payment, transaction: Transaction): Promise<void> {
    const { logger, repeatAfterMs } = this.#options;
    const { notBefore } = transaction.callback;
    const first = this.#first++;
    await pause(notBefore - Date.now(), this.#stop.signal);
    for (let attempt = 0; ; attempt++) {
      const afterMs = repeatAfterMs[Math.min(attempt, repeatAfterMs.length - 1)] ?? 0;
      await pause(attempt === 0 ? afterMs : Math.max(afterMs, SHORTEST_REPEAT_MS), this.#stop.signal);
      if (this.#stop.signal.aborted) return;
      if (Date.now() > notBefore + GIVE_UP_AFTER_MS) {
        logger.warn({ transactionId: transaction.transactionId }, 'callback given up; a query still tells');
        return;
      }
      if (await this.#attempt(payment, transaction, attempt, first)) return;
    }
  }

  async #attempt(
    payment: Payment,
    transaction: Transaction,
    attempt: number,
    first: number,
  ): Promise<boolean> {
    const { style } = transaction.callback;
    const copies = style === 'twice' && attempt === 0 ? 2 : 1;
    const rightlySigned = !(style === 'bad-signature' && attempt === 0);
    const sent = Array.from({ length: copies }, (_, copy) =>
      this.#send(payment, transaction, rightlySigned, this.#address(payment, first + attempt + copy)),
    );
    const outcomes = await Promise.allSettled(sent);
    if (this.#stop.signal.aborted) return false;
    try {
      if (outcomes.some((outcome) => outcome.status === 'fulfilled' && outcome.value)) {
        this.#options.ledger.acknowledge(transaction.transactionId);
        return true;
      }
      const why = outcomes.map((outcome) =>
        outcome.status === 'fulfilled' ? 'refused' : String(outcome.reason),
      );
      this.#options.logger.info({ payId: payment.payId, attempt, why }, 'callback not acknowledged');
    } catch (error) {
      this.#options.logger.error(
        { err: error },
        'an acknowledgement could not be written: the callback is repeated',
      );
    }
    return false;
  }

  #address({ notifyUrl }: Payment, turn: number): string {
    const { callbackUrls } = this.#options;
    const address = notifyUrl ?? callbackUrls[turn % callbackUrls.length];
    if (address === undefined) throw new Error('the sandbox knows no address for callbacks');
    return address;
  }

  /** @returns whether the merchant answered with the literal */
  async #send(
    payment: Payment,
    transaction: Transaction,
    rightlySigned: boolean,
    address: string,
  ): Promise<boolean> {
    const { payId, orderId } = payment;
    const { amount: payAmount, transactionId } = transaction;
    const body = JSON.stringify({ payId, orderId, isPaid: true, payAmount, transactionId });
    const signed = rightlySigned ? body : `not ${body}`;
    const answer = await request(address, {
      dispatcher: this.#agent,
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-signature': this.#options.sign(Buffer.from(signed)) },
      body,
      signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
    });
    return (await answer.body.text()) === SUCCESS_LITERAL && answer.statusCode === 200;
  }
}

/** Sleeps, and wakes early without complaint when the signal comes. */
const pause = (ms: number, signal: AbortSignal): Promise<void> =>
  sleep(Math.max(0, ms), undefined, { signal }).catch(() => undefined);
