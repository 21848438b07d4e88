// A node's end of one connection to the database, made again when it is lost. Packets may stop coming through without
// a word to either end; then what was asked waits until they do again, or until the node drops the connection.
import type { Backend, SimulatedDatabase } from './simulated-database';
import type { SimulatedProcess } from './simulated-process';
import type { SimulatedTime } from './simulated-time';

export interface ConnectionParts {
  readonly time: SimulatedTime;
  readonly process: SimulatedProcess;
  readonly database: SimulatedDatabase;
  readonly incarnation: string;
  readonly onReady?: () => void;
  readonly onLost?: () => void;
  /** How long a packet is under way, or a statement; they stay in order. */
  readonly delayMs?: () => number;
}

/** Nothing is known of what was asked. */
export class ConnectionError extends Error {}

/** Where a packet arrives. */
type End = 'server' | 'client';

const PACKET_MS = 1;
const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 5_000;
/** After this long the server sees that a client's whole machine is gone. */
const KEEPALIVE_MS = 25_000;

export class SimulatedConnection {
  backend: Backend | undefined;
  private readonly unanswered = new Set<(error: Error) => void>();
  private stuck: { readonly end: End; readonly packet: () => void }[] = [];
  private readonly lastArrivals = { server: 0, client: 0 };

  constructor(private readonly parts: ConnectionParts) {
    parts.process.onDeath(() => this.backend && this.leave(this.backend));
  }

  connect(pauseMs = FIRST_PAUSE_MS): void {
    const { time, process, database, incarnation, onReady } = this.parts;
    time.after(PACKET_MS, () =>
      process.turn('sockets', () => {
        if (!this.isReachable) {
          process.clock.later(pauseMs, () => this.connect(Math.min(LONGEST_PAUSE_MS, pauseMs * 2)));
          return;
        }
        const backend = database.open(incarnation, () =>
          this.arrive('client', () => process.turn('sockets', () => this.lose(backend))),
        );
        this.backend = backend;
        this.lastArrivals.client = this.lastArrivals.server = 0;
        onReady?.();
      }),
    );
  }

  /**
   * Asks the server something on this connection.
   * @param work is done by the server; what it throws is its refusal
   * @throws Error if the server refuses, or the connection goes before the answer: then it is unknown whether it was done
   */
  ask<Answer>(work: (backend: Backend) => Answer): Promise<Answer> {
    const { backend } = this;
    if (!backend) return Promise.reject(new ConnectionError('the connection is not there'));
    return new Promise((resolve, reject) => {
      this.unanswered.add(reject);
      this.arrive('server', () => {
        // Whoever asks a backend that is gone is told so by its end.
        if (!backend.isAlive) return;
        const answer = answerOf(() => work(backend));
        this.arrive('client', () =>
          this.parts.process.turn('sockets', () => {
            if (!this.unanswered.delete(reject)) return;
            if ('refusal' in answer) reject(answer.refusal);
            else resolve(answer.value);
          }),
        );
      });
    });
  }

  drop(): void {
    const { backend } = this;
    if (!backend) return;
    this.leave(backend);
    this.lose(backend);
  }

  /** Packets come through again. */
  restored(): void {
    for (const { end, packet } of this.stuck.splice(0)) this.arrive(end, packet);
  }

  private get isReachable(): boolean {
    return this.parts.process.reaches.database && this.parts.database.isUp;
  }

  /** The server learns that the client's end is closed. */
  private leave(backend: Backend): void {
    const { time, database, process } = this.parts;
    this.arrive('server', () => database.end(backend));
    if (process.state === 'dead') time.after(KEEPALIVE_MS, () => database.end(backend));
  }

  private arrive(end: End, packet: () => void): void {
    const { time, process, delayMs } = this.parts;
    const at = Math.max(this.lastArrivals[end], time.nowMs + (delayMs?.() ?? PACKET_MS));
    this.lastArrivals[end] = at;
    time.after(at - time.nowMs, () => {
      if (process.reaches.database) packet();
      else this.stuck.push({ end, packet });
    });
  }

  private lose(backend: Backend): void {
    if (this.backend !== backend) return;
    this.backend = undefined;
    for (const reject of this.unanswered) reject(new ConnectionError('the connection was lost'));
    this.unanswered.clear();
    this.parts.onLost?.();
    this.parts.process.clock.later(FIRST_PAUSE_MS, () => this.connect());
  }
}

function answerOf<Value>(work: () => Value): { readonly value: Value } | { readonly refusal: Error } {
  try {
    return { value: work() };
  } catch (error) {
    return { refusal: error instanceof Error ? error : new Error(String(error)) };
  }
}
