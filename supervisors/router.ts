// The way to the actors. A command that was not delivered, or that nobody can take now, is sent again until
// the deadline; silence from a live owner, or a fault that was answered, is the caller's to count (R10).
import { fault, retry, silence, type Answer, type Envelope, type Kind } from '../actors/domain/envelope';
import { pause } from '../actors/domain/pause';
import type { Clock } from '../actors/domain/ports/clock';
import type { Ownership } from '../actors/domain/ports/ownership';
import type { Router } from '../actors/domain/ports/router';
import { TransportError, type Transport } from '../actors/domain/ports/transport';
import { shardOf } from './shard';

/** Hears what becomes of commands. */
export interface RouterListener {
  /** A command has ended. */
  ended(kind: Kind, answer: Answer): void;
  /** A try was in vain. */
  failed(kind: Kind, reason: string): void;
}

export interface RouterOptions {
  readonly transport: Pick<Transport, 'send'>;
  readonly ownership: Pick<Ownership, 'ownerOf' | 'isAlive' | 'doubt'>;
  readonly clock: Clock;
  readonly shards: number;
  /** How long an owner may be silent. */
  readonly timeoutMs: number;
  /** How long a command that cannot be delivered is tried. */
  readonly deadlineMs: number;
  readonly listener?: RouterListener;
}

const FIRST_PAUSE_MS = 20;
/** Shards move within a second or so, and their customers wait. */
const LONGEST_PAUSE_MS = 250;

export function createRouter(options: RouterOptions): Router {
  const { transport, ownership, clock, shards, listener } = options;

  /** What a try that got no answer comes to; a retry means that nothing was decided. */
  const answerFor = (error: unknown, owner: string, kind: Kind): Answer => {
    if (!(error instanceof TransportError)) throw error;
    listener?.failed(kind, error.reason);
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
  };

  const ended = (kind: Kind, answer: Answer): Answer => {
    listener?.ended(kind, answer);
    return answer;
  };

  const send = (envelope: Envelope, timeoutMs: number): Promise<Answer> => {
    const { kind, shard } = envelope;
    const owner = ownership.ownerOf(kind, shard);
    if (owner === undefined) return Promise.resolve(retry('moving'));
    return transport.send(owner, envelope, timeoutMs).then(
      (answer) => {
        if (answer.outcome === 'retry') listener?.failed(kind, answer.reason);
        return answer;
      },
      (error: unknown) => answerFor(error, owner, kind),
    );
  };

  const sendAgain = async (
    envelope: Envelope,
    timeoutMs: number,
    end: number,
    first: Answer,
  ): Promise<Answer> => {
    let answer = first;
    let pauseMs = FIRST_PAUSE_MS;
    for (
      let attempt = envelope.attempt + 1;
      isUndecided(answer) && clock.monotonicMs() + pauseMs <= end;
      attempt++
    ) {
      await pause(clock, pauseMs);
      pauseMs = Math.min(LONGEST_PAUSE_MS, pauseMs * 2);
      answer = await send({ ...envelope, attempt }, timeoutMs);
    }
    return ended(envelope.kind, answer);
  };

  return {
    // Not async: nearly always the first try is the last, and what an async function keeps is most of its cost.
    ask({ kind, id, command, key, attempt, inbox, trace }, limits) {
      const timeoutMs = limits?.timeoutMs ?? options.timeoutMs;
      const end = clock.monotonicMs() + (limits?.deadlineMs ?? options.deadlineMs);
      const envelope = { kind, id, shard: shardOf(id, shards), command, key, attempt, inbox, trace };
      return send(envelope, timeoutMs).then((answer) =>
        isUndecided(answer) ? sendAgain(envelope, timeoutMs, end, answer) : ended(kind, answer),
      );
    },
  };
}

const isUndecided = (answer: Answer): boolean => answer.outcome === 'retry' && answer.reason !== 'not-yet';
