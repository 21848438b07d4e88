// What lies between processes, the broker and the platform: packets come late, twice, out of order or not at all, as
// the weather is.
import type { Chance } from '../../../bin/load/seeded';
import type { SimulatedTime } from '../simulated-time';

export interface Weather {
  /** How likely a packet is lost, and how likely it comes twice. */
  readonly loss: number;
  readonly double: number;
  /** The longest that most packets take, in milliseconds. */
  readonly usualMs: number;
  /** How likely one takes far longer, up to so long. */
  readonly late: number;
  readonly lateMs: number;
}

export const CALM: Weather = { loss: 0, double: 0, usualMs: 2, late: 0, lateMs: 0 };

export class SimulatedNetwork {
  weather: Weather = CALM;
  /** Called with the moment of every packet's arrival. */
  onCarried: (atMs: number) => void = () => undefined;

  constructor(
    private readonly time: SimulatedTime,
    private readonly chance: Chance,
  ) {}

  delayMs = (): number => {
    const { usualMs, late, lateMs } = this.weather;
    return this.chance.whole(1, this.chance.of(late) ? lateMs : usualMs);
  };

  /** A datagram: it may be lost, or come twice. */
  carry(arrive: () => void): void {
    const { loss, double } = this.weather;
    if (this.chance.of(loss)) return;
    this.deliver(arrive);
    if (this.chance.of(double)) this.deliver(arrive);
  }

  /** Part of a conversation over TCP: late, but neither lost nor doubled. */
  deliver(arrive: () => void): void {
    this.time.after(this.delayMs(), () => {
      this.onCarried(this.time.nowMs);
      arrive();
    });
  }
}
