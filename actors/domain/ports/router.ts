// The way of a command to its actor, wherever that lives.
import type { Answer, Envelope } from '../envelope';

/** The way to the actors: by kind and shard, wherever they live. */
export interface Router {
  /**
   * Sends a command to its actor and returns the answer. Sends again while nobody owns the shard, or its
   * owner is moving, busy or without database, until the deadline (R10).
   */
  ask(
    command: Omit<Envelope, 'shard'>,
    options?: { deadlineMs?: number; timeoutMs?: number },
  ): Promise<Answer>;
}

/** Gives an envelope to a node's own actors; `reply` is called once, perhaps before this returns. */
export type Deliver = (envelope: Envelope, reply: (answer: Answer) => void) => void;
