// The way of those outside to a node's front door, as over HTTP: a connection is refused, breaks when the node dies,
// or is given up after a while; whoever gets no answer does not know what was done.
import type { FrontDoor, FrontReply } from '../../../actors/domain/front-door';
import type { SimulatedProcess } from '../simulated-process';
import type { SimulatedTime } from '../simulated-time';
import type { SimulatedNetwork } from './network';

/** What of a node those outside see. */
export interface Front {
  readonly process: SimulatedProcess;
  /** Undefined while it does not listen. */
  readonly door: FrontDoor | undefined;
}

export type Reply = FrontReply & { readonly literal?: string };

const PATIENCE_MS = 5_000;

export class FrontCalls {
  constructor(
    private readonly time: SimulatedTime,
    private readonly network: SimulatedNetwork,
  ) {}

  /** @returns undefined if there was no answer */
  call(front: Front, ask: (door: FrontDoor) => Promise<Reply>): Promise<Reply | undefined> {
    const { time, network } = this;
    return new Promise((resolve) => {
      const callOff = time.after(PATIENCE_MS, () => resolve(undefined));
      const answer = (reply: Reply | undefined): void =>
        network.deliver(() => {
          callOff();
          resolve(reply);
        });
      network.deliver(() => {
        const { process, door } = front;
        if (process.state === 'dead' || !door) {
          answer(undefined);
          return;
        }
        process.onDeath(() => answer(undefined));
        process.turn('sockets', () => {
          void ask(door).then((reply) => {
            // Through JSON, as over a wire.
            if (process.state !== 'dead') answer(JSON.parse(JSON.stringify(reply)) as Reply);
          });
        });
      });
    });
  }
}
