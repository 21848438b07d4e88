// One customer's browser for a shop of many nodes: a request that no node has answered goes to the next one, with
// the same Idempotency-Key, until its deadline. All requests of customers may be repeated, so that is safe.
import { setTimeout as pause } from 'node:timers/promises';
import { Agent, request } from 'undici';
import { envelopeOf, NOTHING, type Answer } from './answer';
import { NodeRing } from './node-ring';
import type { Data } from './order-body';

export interface Call {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly token?: string;
  /** An object, or the very text that is sent. */
  readonly body?: object | string;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface ClientOptions {
  readonly urls: readonly string[];
  /** So long a request is tried in all. */
  readonly deadlineMs: number;
  /** A node that is silent for so long is given up for another. */
  readonly attemptMs: number;
  /** False: who gets no answer goes away. */
  readonly resends: boolean;
  /** Whether 503 is tried again after its Retry-After. */
  readonly retriesBusy: boolean;
}

export const PATIENT: Omit<ClientOptions, 'urls'> = {
  deadlineMs: 30_000,
  attemptMs: 2_000,
  resends: true,
  retriesBusy: true,
};

/** Between two attempts while no node is there. */
const BREATH_MS = 50;
const CONNECT_MS = 1_000;

export class ShopClient {
  private readonly agent = new Agent({ connect: { timeout: CONNECT_MS }, keepAliveTimeout: 4_000 });
  private readonly ring: NodeRing;

  constructor(private readonly options: ClientOptions) {
    this.ring = new NodeRing(options.urls, this.agent);
  }

  /** @returns the answer, with status 0 if nobody has given one in time */
  async send(call: Call): Promise<Answer> {
    const deadline = performance.now() + this.options.deadlineMs;
    for (let sent = 1; ; sent += 1) {
      const leftMs = Math.max(1, deadline - performance.now());
      const { answer, againAfterMs } = await this.attempt(call, sent, leftMs);
      if (againAfterMs === undefined || performance.now() + againAfterMs >= deadline) return answer;
      await pause(againAfterMs);
    }
  }

  /** Posts to an address outside the shop, once. @returns undefined if nobody answers */
  async post(url: string, body: object): Promise<Data | undefined> {
    try {
      return await this.postOnce(url, body);
    } catch (error) {
      if (!isNoAnswer(error)) throw error;
      return undefined;
    }
  }

  private async postOnce(url: string, body: object): Promise<Data> {
    const answer = await request(url, {
      dispatcher: this.agent,
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(this.options.deadlineMs),
    });
    return (await answer.body.json()) as Data;
  }

  async close(): Promise<void> {
    this.ring.close();
    await this.agent.destroy();
  }

  private async attempt(
    call: Call,
    sent: number,
    leftMs: number,
  ): Promise<{ readonly answer: Answer; readonly againAfterMs: number | undefined }> {
    const node = this.ring.next();
    const { attemptMs, resends, retriesBusy } = this.options;
    try {
      const { answer, retryAfterMs } = await this.ask(
        node,
        call,
        sent,
        Math.ceil(Math.min(leftMs, attemptMs)),
      );
      return { answer, againAfterMs: answer.status === 503 && retriesBusy ? retryAfterMs : undefined };
    } catch (error) {
      if (!isNoAnswer(error)) throw error;
      this.ring.suspect(node);
      const answer = { ...NOTHING, message: messageOf(error), node, sent };
      return { answer, againAfterMs: resends ? (this.ring.isDesperate() ? BREATH_MS : 0) : undefined };
    }
  }

  private async ask(node: string, call: Call, sent: number, timeoutMs: number) {
    const { method, path, token, body, headers } = call;
    const response = await request(`${node}${path}`, {
      dispatcher: this.agent,
      method,
      headers: {
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      body: body === undefined || typeof body === 'string' ? (body ?? null) : JSON.stringify(body),
      signal: AbortSignal.timeout(timeoutMs),
    });
    const text = await response.body.text();
    const answer: Answer = { ...envelopeOf(text), status: response.statusCode, text, node, sent };
    return { answer, retryAfterMs: Number(response.headers['retry-after'] ?? 1) * 1_000 };
  }
}

const NO_ANSWER = /^(ECONN\w+|EPIPE|ETIMEDOUT|UND_ERR_(SOCKET|CONNECT_TIMEOUT|CLOSED|DESTROYED))$/;

/** Nobody listens, the connection broke, or the time is over; everything else is a fault of this client. */
const isNoAnswer = (error: unknown): boolean => NO_ANSWER.test(codeOf(error)) || isTimeout(error);

const isTimeout = (error: unknown): boolean => (error as Error).name === 'TimeoutError';

const codeOf = (error: unknown): string => String((error as NodeJS.ErrnoException).code);

const messageOf = (error: unknown): string =>
  `${isTimeout(error) ? 'silence' : codeOf(error)}: ${(error as Error).message}`;
