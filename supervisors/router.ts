// The way to the actors. A command that was not delivered, or that nobody can take now, is sent again until
// the deadline; silence from a live owner, or a fault that was answered, is the caller's to count (R10).
import { fault, retry, silence, type Answer, type Envelope } from '../actors/domain/envelope';
import {
  TransportError,
  type Clock,
  type Ownership,
  type Router,
  type Transport,
} from '../actors/domain/ports';
import { shardOf } from './shard';

export interface RouterOptions {
  readonly transport: Pick<Transport, 'send'>;
  readonly ownership: Pick<Ownership, 'ownerOf' | 'isAlive' | 'doubt'>;
  readonly clock: Clock;
  readonly shards: number;
  /** How long an owner may be silent. */
  readonly timeoutMs: number;
  /** How long a command that cannot be delivered is tried. */
  readonly deadlineMs: number;
}

const FIRST_PAUSE_MS = 20;
/** Shards move within a second or so, and their customers wait. */
const LONGEST_PAUSE_MS = 250;

export function createRouter(options: RouterOptions): Router {
  const { transport, ownership, clock, shards } = options;
  const pause = (ms: number): Promise<void> => new Promise((resolve) => void clock.later(ms, resolve));

  /** One try; a retry as its answer means that nothing was decided. */
  const send = async (envelope: Envelope, timeoutMs: number): Promise<Answer> => {
    const owner = ownership.ownerOf(envelope.kind, envelope.shard);
    if (owner === undefined) return retry('moving');
    try {
      return await transport.send(owner, envelope, timeoutMs);
    } catch (error) {
      if (!(error instanceof TransportError)) throw error;
      switch (error.reason) {
        case 'no-responders':
          // The broker says so at once when a process dies, long before its heartbeat is missed.
          ownership.doubt(owner);
          return retry('unavailable');
        case 'disconnected':
          return retry('unavailable');
        case 'timeout':
          // Who is dead or cut off was not silent: whoever takes the shard will answer.
          return ownership.isAlive(owner) ? silence(error.message) : retry('unavailable');
        case 'too-large':
          return fault(error.message);
      }
    }
  };

  return {
    async ask(command, limits = {}) {
      const shard = shardOf(command.id, shards);
      const timeoutMs = limits.timeoutMs ?? options.timeoutMs;
      const end = clock.nowMs() + (limits.deadlineMs ?? options.deadlineMs);
      let pauseMs = FIRST_PAUSE_MS;
      for (let attempt = command.attempt; ; attempt++) {
        const answer = await send({ ...command, shard, attempt }, timeoutMs);
        if (answer.outcome !== 'retry' || answer.reason === 'not-yet') return answer;
        if (clock.nowMs() + pauseMs > end) return answer;
        await pause(pauseMs);
        pauseMs = Math.min(LONGEST_PAUSE_MS, pauseMs * 2);
      }
    },
  };
}
