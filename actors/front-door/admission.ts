// One bound on what was let in and has not ended, whichever way it came. All doors share it, so a wall of load at one
// is felt at the others, and whoever finds no place is told so at once, before any work is begun (promise 7).

export class Admission<Door extends string> {
  private readonly inside = new Map<Door, number>();
  private total = 0;

  /**
   * @param most places, all doors together
   * @param onBusy hears of everyone who found none
   */
  constructor(
    private readonly most: number,
    private readonly onBusy: (door: Door) => void = () => undefined,
  ) {}

  /** @returns whether there was a place; whoever got one must `leave` once, by the same door */
  enter(door: Door): boolean {
    if (this.total >= this.most) {
      this.onBusy(door);
      return false;
    }
    this.total += 1;
    this.inside.set(door, this.under(door) + 1);
    return true;
  }

  leave(door: Door): void {
    this.total -= 1;
    this.inside.set(door, this.under(door) - 1);
  }

  /** How many came by this door and are still inside. */
  under(door: Door): number {
    return this.inside.get(door) ?? 0;
  }
}

/** The doors that customers and other services come by. */
export type FrontAdmission = Admission<'http' | 'nats'>;
