// Broadcasts, as a broker carries them: to everybody who is connected, in the sender's order, a little late, and now
// and then not at all.
import type { SimulatedProcess } from './simulated-process';
import type { SimulatedTime } from './simulated-time';

interface Listener {
  readonly process: SimulatedProcess;
  readonly hear: (message: string) => void;
}

export class SimulatedBroker {
  isUp = true;
  /** How long a broadcast is under way. */
  delayMs = (): number => 1;
  isLost = (): boolean => false;
  private readonly listeners: Listener[] = [];
  private readonly lastArrivals = new Map<string, number>();

  constructor(private readonly time: SimulatedTime) {}

  listen(process: SimulatedProcess, hear: (message: string) => void): void {
    this.listeners.push({ process, hear });
  }

  broadcast(sender: SimulatedProcess, message: string): void {
    if (!this.reaches(sender)) return;
    for (const [place, { process, hear }] of this.listeners.entries()) {
      if (process.state === 'dead' || this.isLost()) continue;
      const from = this.listeners.findIndex((listener) => listener.process === sender);
      const road = `${from}-${place}`;
      const at = Math.max(this.lastArrivals.get(road) ?? 0, this.time.nowMs + this.delayMs());
      this.lastArrivals.set(road, at);
      this.time.after(at - this.time.nowMs, () => {
        if (this.reaches(process)) process.turn('sockets', () => hear(message));
      });
    }
  }

  /** Whether packets come through between it and this process. */
  reaches(process: SimulatedProcess): boolean {
    return this.isUp && process.reaches.broker;
  }
}
