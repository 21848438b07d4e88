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
}

const PACKET_MS = 1;
const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 5_000;
/** After this long the server sees that a client's whole machine is gone. */
const KEEPALIVE_MS = 25_000;

export class SimulatedConnection {
  backend: Backend | undefined;
  private readonly unanswered = new Set<(error: Error) => void>();
  private stuck: (() => void)[] = [];

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
          this.arrive(() => process.turn('sockets', () => this.lose(backend))),
        );
        this.backend = backend;
        onReady?.();
      }),
    );
  }

  /** Asks the server something on this connection. @throws Error if the connection goes before the answer */
  ask<Answer>(work: (backend: Backend) => Answer): Promise<Answer> {
    const { backend } = this;
    if (!backend) return Promise.reject(new Error('the connection is not there'));
    return new Promise((resolve, reject) => {
      this.unanswered.add(reject);
      this.arrive(() => {
        // Whoever asks a backend that is gone is told so by its end.
        if (!backend.isAlive) return;
        const answer = work(backend);
        this.arrive(() =>
          this.parts.process.turn('sockets', () => {
            if (this.unanswered.delete(reject)) resolve(answer);
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
    for (const packet of this.stuck.splice(0)) this.arrive(packet);
  }

  private get isReachable(): boolean {
    return this.parts.process.reaches.database && this.parts.database.isUp;
  }

  /** The server learns that the client's end is closed. */
  private leave(backend: Backend): void {
    const { time, database, process } = this.parts;
    this.arrive(() => database.end(backend));
    if (process.state === 'dead') time.after(KEEPALIVE_MS, () => database.end(backend));
  }

  private arrive(packet: () => void): void {
    const { time, process } = this.parts;
    time.after(PACKET_MS, () => {
      if (process.reaches.database) packet();
      else this.stuck.push(packet);
    });
  }

  private lose(backend: Backend): void {
    if (this.backend !== backend) return;
    this.backend = undefined;
    for (const reject of this.unanswered) reject(new Error('the connection was lost'));
    this.unanswered.clear();
    this.parts.onLost?.();
    this.parts.process.clock.later(FIRST_PAUSE_MS, () => this.connect());
  }
}
