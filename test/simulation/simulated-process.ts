// The process of a node: it may hang, and then nothing reaches it until it wakes; or die, and then nothing ever does.
import type { Clock } from '../../actors/domain/ports/clock';
import type { SimulatedTime } from './simulated-time';

type Source = 'timers' | 'sockets';

export class SimulatedProcess {
  state: 'running' | 'hung' | 'dead' = 'running';
  /** Whether packets come and go. */
  readonly reaches = { broker: true, database: true };
  private readonly waiting: Record<Source, (() => void)[]> = { timers: [], sockets: [] };
  private readonly deathListeners: (() => void)[] = [];
  private turnsLeft = Number.POSITIVE_INFINITY;

  constructor(private readonly time: SimulatedTime) {}

  readonly clock: Clock = {
    now: () => this.time.instant,
    nowMs: () => this.time.nowMs,
    monotonicMs: () => this.time.nowMs,
    later: (afterMs, run) => {
      let isOff = false;
      const callOff = this.time.after(afterMs, () => this.turn('timers', () => isOff || run()));
      return () => {
        isOff = true;
        callOff();
      };
    },
  };

  /** Runs something in the process, now or when it wakes. */
  turn(source: Source, run: () => void): void {
    if (this.state === 'running') {
      this.turnsLeft -= 1;
      if (this.turnsLeft < 0) this.die();
      else run();
    } else if (this.state === 'hung') this.waiting[source].push(run);
  }

  hang(): void {
    if (this.state === 'running') this.state = 'hung';
  }

  /** @param first what the event loop gets to first */
  wake(first: Source): void {
    if (this.state !== 'hung') return;
    this.state = 'running';
    const { timers, sockets } = this.waiting;
    const order = first === 'timers' ? [timers, sockets] : [sockets, timers];
    for (const turns of order) {
      for (const run of turns.splice(0)) {
        // Each is a turn of the event loop of its own: promises go on in between.
        this.time.after(0, () => this.turn('sockets', run));
      }
    }
  }

  /** It dies instead of its next turn but so many: between any two things that it waits for. */
  dieAfter(turns: number): void {
    this.turnsLeft = turns;
  }

  die(): void {
    if (this.state === 'dead') return;
    this.state = 'dead';
    for (const listener of this.deathListeners) listener();
  }

  onDeath(listener: () => void): void {
    this.deathListeners.push(listener);
  }
}
