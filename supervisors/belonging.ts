// Who belongs here (R18): nodes of one deployment, with one number of shards, each with a name of its own. A node that
// is starting and does not belong is refused; one whose name a later start has taken must end.
import type { Logger } from 'pino';
import type { NodeIdentity } from '../actors/domain/ports/ownership';
import type { Heartbeat } from '../actors/domain/schemas';

/** What a node says of itself in its heartbeat. */
export type OwnReport = Pick<Heartbeat, 'state' | 'away' | 'holds'>;

export interface BelongingOptions {
  readonly self: NodeIdentity;
  readonly deploymentId: string;
  readonly shards: number;
  readonly logger: Logger;
  readonly report: () => OwnReport;
  /** Called when a later start of this very node is there: this one must end. */
  readonly onSuperseded: () => void;
}

/** Whoever is not of this deployment is told of once, and not without end. */
const MOST_STRANGERS = 1_000;

export class Belonging {
  private readonly strangers = new Set<string>();
  private refusal: string | undefined;

  constructor(private readonly options: BelongingOptions) {}

  /** @throws Error if this node may not take part, as far as was heard */
  check(): void {
    if (this.refusal !== undefined) throw new Error(this.refusal);
  }

  /** Whether this is the heartbeat of another node of this deployment. One of this name is none. */
  isAnother(beat: Heartbeat): boolean {
    const { self, deploymentId, shards } = this.options;
    if (beat.deploymentId !== deploymentId || beat.shards !== shards) this.heardStranger(beat);
    else if (beat.node === self.name) this.heardNamesake(beat);
    else return true;
    return false;
  }

  private heardStranger(beat: Heartbeat): void {
    if (this.strangers.has(beat.incarnation) || this.strangers.size >= MOST_STRANGERS) return;
    this.strangers.add(beat.incarnation);
    const { node, deploymentId, shards } = beat;
    this.refusal ??=
      `the node ${node} at the same broker belongs to deployment ${deploymentId} with ${shards} shards, this one to ` +
      `${this.options.deploymentId} with ${this.options.shards}: give each deployment a broker or an account of its own`;
    this.options.logger.error(
      { node, deploymentId, shards },
      'a node of another deployment uses this broker',
    );
  }

  private heardNamesake(beat: Heartbeat): void {
    const { self, report } = this.options;
    const isJoining = report().state === 'joining';
    if (isJoining && beat.state !== 'joining') {
      this.refusal ??= `a node called ${self.name} is running already: NODE_NAME must be unique`;
    }
    const isLater =
      beat.startedMs > self.startedMs ||
      (beat.startedMs === self.startedMs && beat.incarnation > self.incarnation);
    if (isJoining && isLater) this.refusal ??= `another node called ${self.name} is starting`;
    else if (isLater && beat.state !== 'joining') this.options.onSuperseded();
  }
}
