// The client: so many connections, each with one request under way, for as long as is asked.
import { setTimeout as pause } from 'node:timers/promises';
import { Connection, type Answer } from './connection';
import { asAnswered, evenly, type Pace } from './pace';
import { Score } from './score';

export interface Load {
  /** Connections are spread over them. */
  readonly ports: readonly number[];
  readonly connections: number;
  readonly warmupMs: number;
  readonly measureMs: number;
  /** Requests a second, in an open loop; as many as are answered if there is none. */
  readonly rate?: number | undefined;
  /** @returns the text of the next request, undefined if there is none left */
  readonly next: () => string | undefined;
  readonly isDone: (answer: Answer) => boolean;
  /** Called when the measurement begins and when it ends. */
  readonly onBegin?: () => void;
  readonly onEnd?: () => void;
}

export interface Driven {
  readonly score: Score;
  /** How long was measured: less than asked for if there were no requests left. */
  readonly measuredMs: number;
}

const BREATH_MS = 20;

/** Sends until the time is over or there is nothing left to send, and waits for all answers. */
export async function drive(load: Load): Promise<Driven> {
  const places = Array.from({ length: load.connections }, (_, place) => place);
  const ports = places.map((place) => load.ports[place % load.ports.length] ?? 0);
  const open = await Promise.all(ports.map((port) => Connection.open(port)));
  const beganMs = performance.now();
  const fromMs = beganMs + load.warmupMs;
  const score = new Score(fromMs, fromMs + load.measureMs);
  const window = new Window(load, score);
  const pace = load.rate === undefined ? asAnswered : evenly(load.rate, beganMs);
  await Promise.all(
    open.map((connection, place) => lane(connection, ports[place] ?? 0, load, pace, score, window)),
  );
  window.end();
  return { score, measuredMs: window.measuredMs };
}

async function lane(
  opened: Connection,
  port: number,
  { next, isDone }: Load,
  pace: Pace,
  score: Score,
  window: Window,
): Promise<void> {
  let connection = opened;
  for (;;) {
    const dueMs = pace(performance.now());
    if (dueMs >= score.untilMs || performance.now() >= score.untilMs) break;
    const request = next();
    if (request === undefined) {
      window.end();
      break;
    }
    const earlyMs = dueMs - performance.now();
    if (earlyMs > 0) await pause(earlyMs);
    const answer = await connection.ask(request);
    if (isDone(answer)) score.success(dueMs, performance.now());
    else score.other(answer);
    if (!connection.isOpen) connection = await again(connection, port, score);
  }
  connection.close();
}

/** A server that is gone is not asked as fast as the machine can. */
async function again(broken: Connection, port: number, score: Score): Promise<Connection> {
  broken.close();
  while (performance.now() < score.untilMs) {
    const opened = await Connection.open(port).catch(() => undefined);
    if (opened) return opened;
    await pause(BREATH_MS);
  }
  return broken;
}

/** Tells when the measurement begins and ends, each once, and measures between. */
class Window {
  private readonly timers: readonly NodeJS.Timeout[];
  private beganMs: number | undefined;
  private endedMs: number | undefined;

  constructor(
    private readonly load: Load,
    score: Score,
  ) {
    const now = performance.now();
    this.timers = [
      setTimeout(() => this.begin(), score.fromMs - now),
      setTimeout(() => this.end(), score.untilMs - now),
    ];
  }

  get measuredMs(): number {
    return (this.endedMs ?? 0) - (this.beganMs ?? 0);
  }

  end(): void {
    if (this.endedMs !== undefined) return;
    this.begin();
    this.endedMs = performance.now();
    this.load.onEnd?.();
    for (const timer of this.timers) clearTimeout(timer);
  }

  private begin(): void {
    if (this.beganMs !== undefined) return;
    this.beganMs = performance.now();
    this.load.onBegin?.();
  }
}
